import type { Claim, Ledger, Pause } from "../ledger/ledger.ts";
import type { Destination } from "../model/destination.ts";
import type { DeliveryId } from "../model/id.ts";
import { traceOf } from "../model/log.ts";
import { type Reason, rateLimited } from "../model/outcome.ts";
import { longestWaitMs } from "../model/schedule.ts";
import { admit } from "./admission.ts";
import { type AttemptContext, type Attempted, attempt } from "./attempt.ts";
import { longestTurnMs } from "./attempt-clock.ts";
import { afterFailure, closedBreaker } from "./breaker.ts";
import { createPacer } from "./pace.ts";
import { redactIfNeeded } from "./redact-if-needed.ts";
import { settle } from "./settle.ts";
import { syncStatus } from "./status-sync.ts";

export type LaneOptions = Omit<AttemptContext, "saveProgress" | "pacer"> & {
  ledger: Ledger;
  worker: string;
  /** Milliseconds that only ever go forward: the lane's own waits are measured by it, so a clock set back stops no lane. */
  monotonic(): number;
  /** From 0 up to, not including, 1. */
  random(): number;
  /** Told after an attempt was settled. */
  settled(delivery: DeliveryId): void;
};

/** A lease outlives the attempt's time-out by this, so that only a dead or frozen worker loses one. */
const leaseMarginMs = 15_000;
/** When due deliveries cannot be claimed (another worker has that person), look again after this. */
const lookAgainMs = 250;
/** A ledger that fails is asked again after this. */
const ledgerRetryMs = 1_000;
/** Waits between probes of a blocked destination; the last one repeats. */
const probeWaitsMs = [30_000, 60_000, 120_000, 300_000, 900_000];
/** Waits after "too many requests" without a Retry-After, doubled while it goes on. */
const shortestHoldMs = 1_000;
const longestHoldMs = 60_000;
const longestSyncWaitMs = 300_000;
const forEver = Number.POSITIVE_INFINITY;
/** Waits for a due time are by the wall clock, which may be set: it is looked at again at least this often. */
const longestSleepMs = 60_000;

/**
 * One destination's worker. It claims what is due as fast as concurrency, pace, breaker and pause allow, attempts it, and
 * settles it. It sleeps until something is due or `wake` is called, and shares nothing with other lanes.
 */
export function createLane(destination: Destination, options: LaneOptions) {
  const { ledger, worker, now, monotonic, random, log } = options;
  const pacer = destination.pace && createPacer(destination.pace, monotonic);
  const underWay = new Set<Promise<void>>();
  /**
   * Outcomes on their way to disk. Their slots are free already: the ledger takes writes in order, so the next claim shares
   * their commit instead of waiting for it.
   */
  const recording = new Set<Promise<void>>();
  let breaker = closedBreaker;
  let pause: Pause | null = null;
  let probes = 0;
  let probeAt = 0;
  let holdUntil = 0;
  let holds = 0;
  let timer: NodeJS.Timeout | undefined;
  let looking: "no" | "yes" | "again" = "no";
  /** Whether there may be statuses this destination shows and has not been told. */
  let untold = destination.sync !== null;
  let syncAt = 0;
  let syncFailures = 0;
  let running = false;
  let waking = false;

  /**
   * Looks for due deliveries after this turn of the event loop: leads that arrive together, and attempts that end together,
   * make one claim. Never throws.
   */
  function wake(): void {
    if (waking) return;
    waking = true;
    setImmediate(() => {
      waking = false;
      lookNow();
    });
  }

  /** Calls while it looks are remembered, not stacked. */
  function lookNow(): void {
    if (!running) return;
    if (looking !== "no") {
      looking = "again";
      return;
    }
    looking = "yes";
    clearTimeout(timer);
    look()
      .catch((error) => {
        log.error({ destination: destination.id, error: traceOf(error) }, "the ledger could not be read; trying again");
        return ledgerRetryMs;
      })
      .then((waitMs) => {
        const again = looking === "again";
        looking = "no";
        if (again) lookNow();
        else if (running) sleep(waitMs);
      });
  }

  /** Resolves to how long to sleep; for ever when only `wake` or a finished attempt can change anything. */
  async function look(): Promise<number> {
    while (running) {
      const waitMs = Math.max(holdUntil, pause ? probeAt : 0, breaker.probeAt ?? 0) - monotonic();
      if (waitMs > 0) return waitMs;
      const probing = pause !== null || breaker.probeAt !== null;
      const free = (probing ? 1 : destination.concurrency) - underWay.size;
      if (free <= 0) return forEver;
      const calls = Math.min(free, pacer?.available() ?? free);
      if (pacer && calls < 1) return pacer.nextAt() - monotonic();
      const at = now();
      const claims = await claim(probing ? 1 : calls * destination.batchSize, at);
      if (claims.length === 0) return nextLook(at);
      if (pause) putOffProbe();
      start(claims.map(redactIfNeeded));
    }
    return forEver;
  }

  function claim(limit: number, at: number): Promise<Claim[]> {
    return ledger.claim({
      destination: destination.id,
      limit,
      now: at,
      leaseUntil: at + destination.timeoutMs + longestTurnMs + leaseMarginMs,
      worker,
      gate: (lead, lastDeliveredAt, delivery) => admit(destination, delivery, lead, lastDeliveredAt, at),
    });
  }

  async function nextLook(at: number): Promise<number> {
    const syncInMs = untold ? syncAt - monotonic() : forEver;
    if (syncInMs <= 0 && underWay.size === 0) {
      run(sync());
      return forEver;
    }
    const due = await ledger.nextDue(destination.id);
    const dueInMs = due === null ? forEver : due > at ? due - at : lookAgainMs;
    return Math.min(dueInMs, Math.max(syncInMs, lookAgainMs));
  }

  function start(claims: readonly Claim[]): void {
    for (let i = 0; i < claims.length; i += destination.batchSize) {
      run(runBatch(claims.slice(i, i + destination.batchSize)));
    }
  }

  /** Counts work as under way, and looks again when it is over. */
  function run(work: Promise<void>): void {
    const counted = work
      .catch((error) => log.error({ destination: destination.id, error: traceOf(error) }, "an attempt broke off"))
      .then(() => {
        underWay.delete(counted);
        wake();
      });
    underWay.add(counted);
  }

  /** In the lane's own turn, so that a destination with a concurrency of one has one writer. */
  async function sync(): Promise<void> {
    untold = false;
    const result = await syncStatus(destination, { ...options, pacer });
    if (result === null) return;
    untold = true;
    if (result.type === "delivered") {
      syncFailures = 0;
    } else {
      syncFailures += 1;
      syncAt = monotonic() + Math.min(shortestHoldMs * 2 ** syncFailures, longestSyncWaitMs);
      log.warn(
        { destination: destination.id, reason: result.reason },
        "statuses could not be shown there; trying again",
      );
      if (result.type === "blocked") block(result.reason);
    }
  }

  async function runBatch(claims: readonly Claim[]): Promise<void> {
    const startedAt = now();
    const results = await attempt(claims, destination, { ...options, pacer, saveProgress: ledger.saveProgress });
    const durationMs = Math.max(0, now() - startedAt);
    for (const result of results) {
      learn(result);
      const recorded = record(result, durationMs).finally(() => recording.delete(recorded));
      recording.add(recorded);
    }
  }

  async function record({ claim, outcome, uncertain }: Attempted, durationMs: number): Promise<void> {
    const { delivery } = claim;
    const next = settle(outcome, {
      delivery,
      schedule: destination.schedule,
      uncertain,
      now: now(),
      random: random(),
    });
    try {
      const held = await ledger.settle({ deliveryId: delivery.id, n: delivery.attempts, durationMs, outcome, next });
      if (!held) log.warn({ delivery: delivery.id }, "the lease was lost; another worker has this delivery");
    } catch (error) {
      // The attempt stays on record as started, and is recovered as uncertain when its lease is over.
      log.error({ delivery: delivery.id, error: traceOf(error) }, "the outcome could not be recorded");
    }
    options.settled(delivery.id);
    if (next.state === "dead") {
      log.warn({ delivery: delivery.id, destination: destination.id, reason: next.reason }, "dead letter");
    }
  }

  /** What an outcome tells about the destination as a whole. */
  function learn({ claim, outcome }: Attempted): void {
    if (outcome.type === "blocked") {
      block(outcome.reason);
    } else if (outcome.type === "retry" && outcome.reason.code === rateLimited) {
      hold(outcome.waitMs);
    } else if (outcome.type === "retry" || outcome.type === "uncertain") {
      const wasClosed = breaker.probeAt === null;
      breaker = afterFailure(breaker, claim.delivery.id, monotonic());
      if (wasClosed && breaker.probeAt !== null) {
        log.warn({ destination: destination.id, reason: outcome.reason }, "taken to be down; probing one at a time");
      }
    } else {
      holds = 0;
      if (breaker.probeAt !== null) log.info({ destination: destination.id }, "answers again");
      breaker = closedBreaker;
      if (pause) resume("a probe succeeded");
    }
  }

  function hold(waitMs: number | undefined): void {
    const own = Math.min(shortestHoldMs * 2 ** holds, longestHoldMs);
    holds += 1;
    holdUntil = Math.max(holdUntil, monotonic() + Math.min(waitMs ?? own, longestWaitMs));
  }

  function block(reason: Reason): void {
    if (pause) return;
    putOffProbe();
    pause = { destination: destination.id, since: now(), by: "machine", reason };
    log.error({ destination: destination.id, reason }, "paused: it takes no leads until someone acts; they are kept");
    ledger.pause(pause).catch((error) => {
      log.error({ destination: destination.id, error: traceOf(error) }, "the pause could not be recorded");
    });
  }

  function putOffProbe(): void {
    probeAt = monotonic() + (probeWaitsMs[Math.min(probes, probeWaitsMs.length - 1)] ?? 0);
    probes += 1;
  }

  function resume(why: string): void {
    pause = null;
    probes = 0;
    log.info({ destination: destination.id, why }, "resumed");
    ledger.resume(destination.id, { now: now(), actor: { type: "machine", name: "probe" } }).catch((error) => {
      log.error({ destination: destination.id, error: traceOf(error) }, "the end of the pause could not be recorded");
    });
  }

  /** Takes over what the ledger says of this lane's pause, after a start or another process's act. */
  function setPause(recorded: Pause | null): void {
    if (recorded?.by === "person") probeAt = forEver;
    else if (recorded === null || pause === null) probeAt = 0;
    if (recorded === null) probes = 0;
    pause = recorded;
    wake();
  }

  function sleep(waitMs: number): void {
    clearTimeout(timer);
    if (waitMs < forEver) timer = setTimeout(lookNow, Math.min(Math.max(0, waitMs), longestSleepMs));
  }

  return {
    destination,
    start(): void {
      running = true;
      wake();
    },
    wake,
    setPause,
    /** Statuses it shows have changed. */
    show(): void {
      untold = true;
      wake();
    },
    /** Claims nothing more; resolves when every attempt under way is settled. */
    async stop(): Promise<void> {
      running = false;
      clearTimeout(timer);
      while (underWay.size + recording.size > 0) await Promise.all([...underWay, ...recording]);
    },
    status: () => ({ underWay: underWay.size, pause, open: breaker.probeAt !== null }),
  };
}
