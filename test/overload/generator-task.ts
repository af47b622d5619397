import type { Timings } from "./timings.ts";

/** What a generator is to do. */
export type GeneratorTask = {
  url: string;
  /** Tells its leads from another generator's. */
  name: string;
  /** Leads a second, whatever becomes of them; 0: each connection sends the next when it has its answer. */
  rate: number;
  seconds: number;
  /** Connections open at once at most. With a rate only as many are opened as are needed. */
  connections: number;
  /** A new connection for each lead, as many proxies have it, instead of connections that stay. */
  fresh: boolean;
  /** Forms they are spread over, so that the limit of none is reached. */
  forms: number;
  /** Where the ids of accepted leads go. */
  file: string;
};

/** What a generator saw. */
export type Generated = {
  sent: number;
  /** How many got which status, or what happened to the connection instead. */
  statuses: Record<string, number>;
  /** Answers there is no reason for. */
  odd: readonly string[];
  timings: {
    /** From when the visitor was to come. */
    accepted: Timings;
    /** From when the generator began to send, or to connect. */
    acceptedFromSend: Timings;
    /** Told to come again: from when the visitor was to come. */
    refused: Timings;
    /** How much later than they were to come visitors came: the generator's own slowness. */
    late: Timings;
  };
  acceptedBySecond: readonly number[];
  /** Most connections open at once. */
  mostOpen: number;
  tookMs: number;
  /** How much of a core it used. */
  cpuShare: number;
};
