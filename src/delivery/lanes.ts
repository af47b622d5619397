import type { Delivery } from "../model/delivery.ts";
import type { Destination } from "../model/destination.ts";
import type { DeliveryId } from "../model/id.ts";
import { traceOf } from "../model/log.ts";
import type { Outcome } from "../model/outcome.ts";
import { createDrain } from "./drain.ts";
import { createLane, type LaneOptions, leaseMsOf } from "./lane.ts";
import type { Pacer } from "./pace.ts";
import { settle } from "./settle.ts";
import { createWorker } from "./worker.ts";

export type LanesOptions = Omit<LaneOptions, "worker" | "settled"> & {
  destinations: readonly Destination[];
  /** Told of every attempt that was settled. */
  changed?(): void;
};

const recoverEveryMs = 5_000;
/** Beyond the longest lease of these destinations: another machine may be configured to wait longer. */
const othersLeaseMs = 600_000;
/** Statuses are shown this long after a change, so that one call tells of several. */
const showAfterMs = 1_000;
const lost: Outcome = {
  type: "uncertain",
  reason: { code: "worker_lost", message: "the process ended before the outcome was recorded" },
};

/** All lanes of a gateway, and the watch over attempts whose worker has died. */
export function createLanes({ destinations, changed, ...options }: LanesOptions) {
  const { ledger, now, random, log } = options;
  const worker = createWorker(now(), ledger.together.machines);
  const waiting = new Map<DeliveryId, Set<() => void>>();
  const lanes = destinations.map((destination) =>
    createLane(destination, { ...options, worker: worker.name, settled }),
  );
  const longestLeaseMs = Math.max(0, ...destinations.map(leaseMsOf)) + othersLeaseMs;
  const showing = lanes.filter(({ destination }) => destination.sync !== null);
  let showTimer: NodeJS.Timeout | undefined;
  const byId = new Map(destinations.map((destination) => [destination.id, destination]));
  let recovery: NodeJS.Timeout | undefined;
  /** `working`: from `start` to `stop`. Before it, lanes work only while they are drained. */
  let phase: "idle" | "working" | "stopped" = "idle";
  let settledCount = 0;
  let unsubscribe = (): void => {};

  function wake(): void {
    for (const lane of lanes) lane.wake();
  }

  /** Whoever waits for this delivery hears of it at once; destinations that show statuses a little later, for several leads. */
  function settled(delivery: DeliveryId): void {
    settledCount += 1;
    for (const resolve of waiting.get(delivery) ?? []) resolve();
    changed?.();
    if (showing.length === 0 || showTimer) return;
    showTimer = setTimeout(() => {
      showTimer = undefined;
      for (const lane of showing) lane.show();
    }, showAfterMs).unref();
  }

  /** Resolves when an attempt at the delivery was settled, or `limitMs` have passed. */
  function attempted(delivery: DeliveryId, limitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        waiting.delete(delivery);
        resolve();
      };
      const timer = setTimeout(done, limitMs);
      waiting.set(delivery, (waiting.get(delivery) ?? new Set()).add(done));
    });
  }

  async function recover(): Promise<void> {
    const recovered = await ledger.recover({
      now: now(),
      longestLeaseMs,
      isDead: worker.isDead,
      settle: (delivery) => ({ outcome: lost, next: settleLost(delivery) }),
    });
    if (recovered === 0) return;
    log.warn({ recovered }, "attempts of a worker that is gone were recovered as uncertain");
    wake();
  }

  function settleLost(delivery: Delivery) {
    const schedule = byId.get(delivery.destination)?.schedule ?? [0];
    return settle(lost, { delivery, schedule, uncertain: true, now: now(), random: random() });
  }

  /** Another process may have resumed or paused a destination, or made deliveries due. */
  async function lookAround(): Promise<void> {
    const pauses = new Map((await ledger.pauses()).map((pause) => [pause.destination, pause]));
    for (const lane of lanes) lane.setPause(pauses.get(lane.destination.id) ?? null);
    for (const lane of showing) lane.show();
  }

  function unwatched(what: string, work: () => Promise<void>): void {
    work().catch((error) => log.error({ error: traceOf(error) }, `${what} failed; trying again`));
  }

  /** Recovers what an earlier process left, then sets every lane to work. */
  async function setToWork(): Promise<void> {
    await recover();
    await lookAround();
    for (const lane of lanes) lane.start();
  }

  const drain = createDrain({
    begin: async () => {
      if (phase === "idle") await setToWork();
    },
    end: async () => {
      if (phase === "idle") await Promise.all(lanes.map((lane) => lane.stop()));
    },
    hasMore: async (deadline) => {
      if (phase === "stopped") return false;
      const answers = await Promise.all(lanes.map((lane) => lane.hasMore(deadline)));
      return answers.includes(true);
    },
    settledCount: () => settledCount,
    monotonic: options.monotonic,
  });

  return {
    /** Sets the lanes to work until they are stopped. */
    async start(): Promise<void> {
      await setToWork();
      phase = "working";
      unsubscribe = ledger.onWake(() => unwatched("a look at the ledger", lookAround));
      recovery = setInterval(() => unwatched("the recovery of lost attempts", recover), recoverEveryMs).unref();
    },
    wake,
    attempted,
    isWorking: () => phase === "working",
    /** The pace of a destination, as its lane keeps it; null when it has none. */
    pacerOf: (id: string): Pacer | null => lanes.find(({ destination }) => destination.id === id)?.pacer ?? null,
    /** Whether attempts are under way there just now. */
    isBusy: (id: string): boolean => lanes.some((lane) => lane.destination.id === id && lane.status().underWay > 0),
    /** Lets the lanes work until nothing is due or the budget is over, also before `start`. */
    drain,
    /** Claims nothing more and resolves when all attempts under way are settled, after `graceMs` at the latest. */
    async stop({ graceMs }: { graceMs: number }): Promise<void> {
      phase = "stopped";
      clearInterval(recovery);
      clearTimeout(showTimer);
      unsubscribe();
      let timer: NodeJS.Timeout | undefined;
      const outOfTime = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, graceMs);
      });
      await Promise.race([Promise.all(lanes.map((lane) => lane.stop())), outOfTime]);
      clearTimeout(timer);
      worker.end();
    },
    status: () => lanes.map((lane) => ({ id: lane.destination.id, ...lane.status() })),
  };
}
