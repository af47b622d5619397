import type * as z from "zod";
import type { Fault, HttpAnswer } from "./fault.ts";

/** A request as a vendor gets it. */
export type VendorRequest = {
  method: string;
  /** As sent, with its query. */
  path: string;
  query: URLSearchParams;
  headers: Record<string, string>;
  /** As UTF-8 text; cut off at 16 MiB. */
  body: string;
  /** Undefined when the body is not JSON. */
  json: unknown;
  /** The body's length as sent. */
  bytes: number;
};

/** One request that reached a vendor. */
export type Received = {
  /** Epoch milliseconds. */
  at: number;
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string;
  /** Undefined when the body is not JSON. */
  json: unknown;
  /** Whether the vendor now holds it. */
  applied: boolean;
  /** Whether the vendor also did something with it: a Make scenario that is off only queues. */
  processed: boolean;
  /** The status answered, or what the client saw in its stead. */
  answered: number | "hung" | "reset" | "dripping";
};

/** What a vendor makes of a request. */
export type VendorAnswer = HttpAnswer & {
  applied: boolean;
  /** @default `applied` */
  processed?: boolean;
  /** What to hold it under. @default its `event_id`, else its `webhook-id`, else a number of its own */
  recordIds?: readonly string[];
};

/** What a vendor's code sees of itself, as it is at the moment. */
type VendorView<Settings> = {
  settings: Settings;
  received: readonly Received[];
  records: Records;
  now(): number;
};

type Records = ReadonlyMap<string, readonly Received[]>;

/** Cells to show on the sandbox page, the header first. */
export type Table = { title: string; rows: readonly (readonly string[])[] };

/** A vendor at work, when it is more than its answers. `own`: what tests and the demo may do to it besides sending requests. */
export type StartedVendor<Own> = { answer(request: VendorRequest): VendorAnswer; tables?(): Table[]; own: Own };

/** The code behind one fake vendor: what it answers when nothing is wrong with the network. */
export interface VendorDefinition<Settings extends z.ZodObject = z.ZodObject, Own = unknown> {
  name: string;
  /** What people call it. */
  label: string;
  /** What of the sandbox's addresses belongs to it, with a slash at both ends. */
  mount: string;
  /** The path to configure as its URL. */
  path: string;
  /** Its switches, each with a default. */
  settings: Settings;
  /** Starts it empty; called again on every reset. */
  start(view: VendorView<z.output<Settings>>): ((request: VendorRequest) => VendorAnswer) | StartedVendor<Own>;
}

/** A fake vendor as tests and the demo see it. */
export type Vendor<Settings extends object = Record<string, unknown>, Own = unknown> = {
  readonly name: string;
  readonly label: string;
  /** What goes into the configuration of the gateway. */
  readonly url: string;
  /** Every request that reached it, in order, applied or not. */
  readonly received: readonly Received[];
  /** What it holds, by event id; a second entry under one id is a duplicate. */
  readonly records: ReadonlyMap<string, readonly Received[]>;
  readonly fault: Fault | null;
  setFault(fault: Fault | null): void;
  /** Its switches; assign to them. */
  readonly settings: Settings;
  /** What it can do besides answering requests; undefined when nothing. */
  readonly own: Own;
  /** What it shows as tables. */
  tables(): readonly Table[];
};
