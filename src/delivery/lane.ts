import type { Claim, Ledger, Pause } from "../ledger/ledger.ts";
import type { Destination } from "../model/destination.ts";
import type { DeliveryId } from "../model/id.ts";
import { traceOf } from "../model/log.ts";
import { type Observer, unobserved } from "../model/observer.ts";
import { admit } from "./admission.ts";
import { type AttemptContext, attempt } from "./attempt.ts";
import { longestTurnMs } from "./attempt-clock.ts";
import { type Ended, happeningOf } from "./ended.ts";
import { createGathering } from "./gathering.ts";
import { createLaneCondition } from "./lane-condition.ts";
import { createPacer, type Pacer } from "./pace.ts";
import { redactIfNeeded } from "./redact-if-needed.ts";
import { longestPutOffMs, settle } from "./settle.ts";
import { createSharedPacer } from "./shared-pace.ts";
import { createStatusSync } from "./status-sync.ts";
import { createTurn, type Turn } from "./turn.ts";

export type LaneOptions = Omit<AttemptContext, "saveProgress" | "pacer" | "stillMine"> & {
  ledger: Ledger;
  worker: string;
  /** Milliseconds that only ever go forward: the lane's own waits are measured by it, so a clock set back stops no lane. */
  monotonic(): number;
  /** From 0 up to, not including, 1. */
  random(): number;
  /** Told after an attempt was settled. */
  settled(delivery: DeliveryId): void;
  /** @default nobody looks */
  observe?: Observer;
};

/** A lease outlives the attempt's time-out by this, so that only a dead or frozen worker loses one. */
const leaseMarginMs = 15_000;
/** When due deliveries cannot be claimed (another worker has that person), look again after this. */
const lookAgainMs = 250;
/** When another machine has the turn: it also takes what is due here, unless it has just ended. */
const othersTurnMs = 1_000;
/** A ledger that fails is asked again after this. */
const ledgerRetryMs = 1_000;
const forEver = Number.POSITIVE_INFINITY;
/** Waits for a due time are by the wall clock, which may be set: it is looked at again at least this often. */
const longestSleepMs = 60_000;
/** Where several machines deliver, one may be gone before it has brought what it accepted; nobody wakes the others for it. */
const longestSharedSleepMs = 5_000;

/**
 * One destination's worker. It claims what is due as fast as concurrency, pace, breaker and pause allow, attempts it, and
 * settles it. It sleeps until something is due or `wake` is called, and shares nothing with other lanes; with the lanes of the
 * same destination on other machines it shares pace, breaker and probes, and where the concurrency is one, only one works at a time.
 */
export function createLane(destination: Destination, options: LaneOptions) {
  const { ledger, worker, now, monotonic, random, log, observe = unobserved } = options;
  const { together } = ledger;
  const isShared = together.machines === "several";
  const leaseMs = leaseMsOf(destination);
  const longestWaitMs = longestPutOffMs(destination.schedule);
  const pacer = pacerOf(destination, options);
  const turn =
    isShared && destination.concurrency === 1
      ? createTurn(together, destination.id, { holder: worker, forMs: leaseMs })
      : null;
  const way = { ...options, pacer, stillMine: turn?.stillMine ?? null };
  const condition = createLaneCondition(destination, { ...options, probeMs: leaseMs });
  const statusSync = createStatusSync(destination, way);
  const underWay = new Set<Promise<void>>();
  /**
   * Outcomes on their way to disk. Their slots are free already: the ledger takes writes in order, so the next claim shares
   * their commit instead of waiting for it.
   */
  const recording = new Set<Promise<void>>();
  /** Attempts that have ended, and go on record together. */
  const ended: Ended[] = [];
  const gathering = createGathering({ isLast: () => underWay.size === 0, seeTo: goOn });
  let timer: NodeJS.Timeout | undefined;
  let looking: "no" | "yes" | "again" = "no";
  let looked: Promise<void> = Promise.resolve();
  let running = false;
  let waking = false;
  /** When it wakes by itself, in monotonic milliseconds. */
  let wakesAt = 0;

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
    looked = look()
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
      const { waitMs, probing } = await condition.look();
      if (waitMs > 0) return waitMs;
      const free = (probing ? 1 : destination.concurrency) - underWay.size;
      if (free <= 0) return forEver;
      const calls = pacer ? Math.min(free, await pacer.available()) : free;
      if (pacer && calls < 1) return pacer.nextAt() - monotonic();
      const at = now();
      const turnInMs = turn ? await takeTurn(turn, at) : 0;
      if (turnInMs > 0) return turnInMs;
      if (probing && !(await condition.beginProbe())) return lookAgainMs;
      const claims = await claim(probing ? 1 : calls * destination.batchSize, at);
      if (probing) await condition.probed(claims.length > 0);
      if (claims.length === 0) return nextLook(at);
      start(claims.map(redactIfNeeded));
    }
    return forEver;
  }

  /** Takes the turn when there is something to do; else, or when another machine has it, resolves to how long to sleep. */
  async function takeTurn(turn: Turn, at: number): Promise<number> {
    const idleMs = await untilDue(at);
    if (idleMs === 0) return (await turn.take()) ? 0 : othersTurnMs;
    await turn.leave();
    return idleMs;
  }

  function claim(limit: number, at: number): Promise<Claim[]> {
    return ledger.claim({
      destination: destination.id,
      limit,
      now: at,
      leaseUntil: at + leaseMs,
      longestWaitMs,
      worker,
      gate: (lead, lastDeliveredAt, delivery) => admit(destination, delivery, lead, lastDeliveredAt, at),
    });
  }

  async function nextLook(at: number): Promise<number> {
    if (statusSync.dueInMs() <= 0 && underWay.size === 0) {
      run(syncStatuses());
      return forEver;
    }
    return (await untilDue(at)) || lookAgainMs;
  }

  /** 0 when something is due, deliveries or statuses to tell. */
  async function untilDue(at: number): Promise<number> {
    const due = await ledger.nextDue(destination.id, { now: at, longestWaitMs });
    return Math.max(0, Math.min(due === null ? forEver : due - at, statusSync.dueInMs()));
  }

  /** In the lane's own turn, so that a destination with a concurrency of one has one writer. */
  async function syncStatuses(): Promise<void> {
    const blocked = await statusSync.tell();
    if (blocked) condition.block(blocked);
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
        gathering.add();
      });
    underWay.add(counted);
  }

  /** Puts on record what has ended, and looks for what may take the free slots. */
  function goOn(): void {
    for (const one of ended.splice(0)) {
      const recorded = record(one).finally(() => recording.delete(recorded));
      recording.add(recorded);
    }
    wake();
  }

  async function runBatch(claims: readonly Claim[]): Promise<void> {
    const startedAt = now();
    const results = await attempt(claims, destination, { ...way, saveProgress: ledger.saveProgress });
    const durationMs = Math.max(0, now() - startedAt);
    for (const result of results) {
      condition.learn(result);
      ended.push({ ...result, startedAt, durationMs });
    }
  }

  async function record(one: Ended): Promise<void> {
    const { claim, outcome, uncertain, durationMs } = one;
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
      if (held) observe(happeningOf(one));
      else {
        observe({ type: "lease_lost", destination: destination.id });
        log.warn({ delivery: delivery.id }, "the lease was lost; another worker has this delivery");
      }
    } catch (error) {
      // The attempt stays on record as started, and is recovered as uncertain when its lease is over.
      log.error({ delivery: delivery.id, error: traceOf(error) }, "the outcome could not be recorded");
    }
    options.settled(delivery.id);
    if (next.state === "dead") {
      log.warn({ delivery: delivery.id, destination: destination.id, reason: next.reason }, "dead letter");
    }
  }

  function sleep(waitMs: number): void {
    clearTimeout(timer);
    wakesAt = monotonic() + waitMs;
    const longest = isShared ? longestSharedSleepMs : waitMs < forEver ? longestSleepMs : forEver;
    if (longest < forEver) timer = setTimeout(lookNow, Math.min(Math.max(0, waitMs), longest));
  }

  /** Work that is not on disk yet. */
  function unrecorded(): number {
    return underWay.size + ended.length + recording.size;
  }

  /** How many requests may go now, and when the next one may (epoch milliseconds; null: now). */
  function paceNow(pacer: Pacer): { left: number; nextAt: number | null } {
    const left = pacer.left();
    return { left, nextAt: left > 0 ? null : now() + Math.max(0, Math.round(pacer.nextAt() - monotonic())) };
  }

  return {
    destination,
    pacer,
    start(): void {
      running = true;
      wake();
    },
    wake,
    setPause(recorded: Pause | null): void {
      condition.setPause(recorded);
      wake();
    },
    /** True while it is at work, or has something due and gets to it before `deadline` (monotonic milliseconds). */
    async hasMore(deadline: number): Promise<boolean> {
      if (waking || looking !== "no" || unrecorded() > 0) return true;
      return running && wakesAt < deadline && (await untilDue(now())) === 0;
    },
    /** Statuses it shows have changed. */
    show(): void {
      statusSync.changed();
      wake();
    },
    /** Claims nothing more; resolves when every attempt under way is settled. */
    async stop(): Promise<void> {
      running = false;
      clearTimeout(timer);
      await looked;
      while (unrecorded() > 0) {
        gathering.end();
        await Promise.all([...underWay, ...recording]);
      }
      await turn?.leave().catch(() => {});
    },
    status: () => ({ underWay: underWay.size, pace: pacer && paceNow(pacer), ...condition.status() }),
  };
}

/** How long an attempt may hold its delivery, in milliseconds. */
export function leaseMsOf({ timeoutMs }: Pick<Destination, "timeoutMs">): number {
  return timeoutMs + longestTurnMs + leaseMarginMs;
}

function pacerOf({ id, pace }: Destination, { ledger: { together }, monotonic }: LaneOptions): Pacer | null {
  if (!pace) return null;
  if (together.machines === "one") return createPacer(pace, monotonic);
  return createSharedPacer(pace, { together, destination: id, monotonic });
}
