import { randomUUID } from "node:crypto";
import type { Actor } from "../ledger/ledger.ts";
import type { Lease } from "../ledger/together.ts";
import type { Verification } from "../ledger/verifications.ts";
import { LeadkeepError, LedgerUnavailable } from "../model/errors.ts";
import { type Log, traceOf } from "../model/log.ts";
import { createRun, type RunOptions, type RunWatch } from "./completeness-run.ts";

export type CompletenessOptions = RunOptions & { log: Log };

/** What is to be verified. Times are epoch milliseconds. */
export type VerifyRequest = {
  /** @default all */
  destination?: string;
  since?: number;
  /** @default now: leads that come meanwhile are not judged */
  until?: number;
  /** Send again what is missing. @default false */
  repair?: boolean;
  actor: Actor;
};

/** What holds of the record just now. */
export type Completeness = {
  /** The newest complete look at everything. */
  whole: Verification | null;
  /** By destination: the newest complete look at all of its leads. */
  byDestination: { destination: string; verification: Verification }[];
  /** The one under way, or broken off and to be gone on with. */
  underWay: Verification | null;
  /** What was found missing and is still. `since`: when the first of it was found. */
  missing: { destination: string; count: number; since: number }[];
};

/** How somebody follows one, and breaks it off. */
type HowToFinish = Omit<RunWatch, "stillMine">;

/** Of several machines one runs it at a time; gone without a word, it loses the role after this. */
const roleMs = 60_000;
const renewEveryMs = 15_000;
const role = "verify";
/** One that broke off longer ago is begun anew. */
const resumeWithinMs = 86_400_000;
/** Verifications looked through for the latest of each destination. */
const lookBack = 100;

/** START of the completeness proof: whether every lead is where it was brought, one look at a time across all machines. */
export function createCompleteness(options: CompletenessOptions) {
  const { ledger, destinations, now, log } = options;
  const { together, verifications } = ledger;
  const { proceed } = createRun(options);
  const holder = randomUUID();
  const stopping = new AbortController();
  const running = new Set<Promise<unknown>>();
  let current: { id: Verification["id"]; looked: number; expected: number } | null = null;

  /**
   * Begins, or goes on with the same one that broke off. `finish` brings it to its end.
   * @throws {LeadkeepError} `verify_under_way`, `unknown_destination`
   */
  async function begin(request: VerifyRequest) {
    const { destination } = request;
    if (destination !== undefined && !destinations.some(({ id }) => id === destination)) {
      throw new LeadkeepError("unknown_destination", `There is no destination ${destination}.`);
    }
    const lease = await together.lease(role, { holder: `${holder} ${randomUUID()}`, forMs: roleMs });
    if (!lease) throw underWay();
    try {
      const run = (await unfinished(request)) ?? (await beginNew(request));
      return { run, finish: (how: HowToFinish) => finish(run, lease, how) };
    } catch (error) {
      await together.release(lease);
      throw error;
    }
  }

  /** The same one, when it broke off not long ago; another one that did so is given up. */
  async function unfinished(request: VerifyRequest): Promise<Verification | null> {
    const { until } = request;
    const { destination, since, repair } = scopeOf(request);
    for (const run of await verifications.latest(lookBack)) {
      if (run.endedAt !== null) continue;
      const isSame =
        run.destination === destination &&
        run.since === since &&
        run.repair === repair &&
        (until === undefined || run.until === until);
      if (isSame && now() - run.startedAt < resumeWithinMs) return run;
      await verifications.save({ ...run, state: "stopped", endedAt: now() });
    }
    return null;
  }

  async function beginNew(request: VerifyRequest): Promise<Verification> {
    const { until, actor } = request;
    const { destination, since, repair } = scopeOf(request);
    const startedAt = now();
    const run: Verification = {
      id: `vrf_${randomUUID()}`,
      destination,
      since,
      until: Math.min(until ?? startedAt, startedAt),
      repair,
      state: "reading",
      by: actor,
      startedAt,
      endedAt: null,
      reached: null,
      counts: { expected: await expected(since), leads: 0, accounted: 0, repaired: 0, tallies: [] },
    };
    await verifications.save(run);
    const act = repair ? "verify and repair" : "verify";
    if (actor.type !== "machine") await ledger.recordAct({ at: startedAt, actor, act, subject: destination ?? "all" });
    return run;
  }

  /** About how many leads there are since then: as many as came, but not more than there are. */
  async function expected(since: number | null): Promise<number> {
    const all = Object.values(await ledger.leadCounts()).reduce((sum, count) => sum + count, 0);
    if (since === null) return all;
    return Math.min(
      all,
      (await ledger.leadTallies(since)).reduce((sum, { count }) => sum + count, 0),
    );
  }

  async function finish(
    run: Verification,
    lease: Lease,
    { signal, onProgress, ...how }: HowToFinish,
  ): Promise<Verification> {
    const lost = new AbortController();
    const stillMine = async (): Promise<void> => {
      const held = await together.lease(role, { holder: lease.holder, forMs: roleMs });
      if (held?.n !== lease.n) throw underWay();
    };
    const timer = setInterval(() => {
      stillMine().catch((error) => {
        if (!(error instanceof LedgerUnavailable)) lost.abort(error);
      });
    }, renewEveryMs).unref();
    current = { id: run.id, looked: run.counts.leads, expected: run.counts.expected };
    try {
      return await proceed(run, {
        ...how,
        signal: AbortSignal.any([signal, stopping.signal, lost.signal]),
        stillMine,
        onProgress: (looked, expected) => {
          current = { id: run.id, looked, expected };
          onProgress(looked, expected);
        },
      });
    } finally {
      clearInterval(timer);
      current = null;
      await together.release(lease).catch(() => {});
    }
  }

  /** Counts a verification among those `stop` waits for. */
  function counted<T>(work: Promise<T>): Promise<T> {
    const settled = work.catch(() => {});
    running.add(settled);
    settled.finally(() => running.delete(settled));
    return work;
  }

  /** Verifies, and resolves when that is done. @throws {LeadkeepError} `verify_under_way`, `unknown_destination` */
  async function verify({
    signal = stopping.signal,
    onProgress = () => {},
    beforeRepair = async () => {},
    ...request
  }: VerifyRequest & Partial<HowToFinish>): Promise<Verification> {
    const { finish } = await begin(request);
    return counted(finish({ signal, onProgress, beforeRepair }));
  }

  /** Begins to verify; it goes on by itself. Resolves to how it begins. @throws as `verify` */
  async function start(request: VerifyRequest): Promise<Verification> {
    const { run, finish } = await begin(request);
    counted(finish({ signal: stopping.signal, onProgress: () => {} })).then(tell, (error) => {
      if (stopping.signal.aborted) return;
      log.warn({ error: traceOf(error) }, "a verification broke off; begun again, it goes on where it was");
    });
    return run;
  }

  function tell({ counts: { leads, accounted, repaired, tallies } }: Verification): void {
    const missing = tallies.filter(({ verdict }) => verdict === "missing");
    const places = missing.map(({ destination, count }) => ({ destination, count }));
    const figures = { leads, accounted, ...(repaired > 0 ? { repaired } : {}) };
    if (places.length === 0) log.info(figures, "leads were read back");
    else log.warn({ ...figures, missing: places }, "leads were read back, and some are not there any more");
  }

  async function latest(): Promise<Completeness> {
    const [runs, missing] = await Promise.all([verifications.latest(lookBack), verifications.missingCounts()]);
    const complete = runs.filter(({ state, since }) => state === "complete" && since === null);
    return {
      whole: complete.find(({ destination }) => destination === null) ?? null,
      byDestination: destinations.flatMap(({ id }) => {
        const verification = complete.find(({ destination }) => destination === null || destination === id);
        return verification ? [{ destination: id, verification }] : [];
      }),
      underWay: runs.find(({ endedAt }) => endedAt === null) ?? null,
      missing,
    };
  }

  return {
    verify,
    start,
    latest,
    /** How far the one this process runs is; null when it runs none. */
    current: () => current,
    /** Breaks off what is under way; begun again, it goes on from there. */
    async stop(): Promise<void> {
      stopping.abort(new LeadkeepError("stopped", "the gateway is stopping"));
      await Promise.all(running);
    },
  };
}

export type CompletenessDuty = ReturnType<typeof createCompleteness>;

function scopeOf({
  destination,
  since,
  repair,
}: VerifyRequest): Pick<Verification, "destination" | "since" | "repair"> {
  return { destination: destination ?? null, since: since ?? null, repair: repair ?? false };
}

function underWay(): LeadkeepError {
  return new LeadkeepError("verify_under_way", "A verification is under way. One runs at a time.");
}
