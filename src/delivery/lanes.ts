import { hostname } from "node:os";
import type { Delivery } from "../model/delivery.ts";
import type { Destination } from "../model/destination.ts";
import type { DeliveryId } from "../model/id.ts";
import { traceOf } from "../model/log.ts";
import type { Outcome } from "../model/outcome.ts";
import { createLane, type LaneOptions } from "./lane.ts";
import { settle } from "./settle.ts";

export type LanesOptions = Omit<LaneOptions, "worker" | "settled"> & {
  destinations: readonly Destination[];
  /** Told of every attempt that was settled. */
  changed?(): void;
};

const recoverEveryMs = 5_000;
/** Statuses are shown this long after a change, so that one call tells of several. */
const showAfterMs = 1_000;
const lost: Outcome = {
  type: "uncertain",
  reason: { code: "worker_lost", message: "the process ended before the outcome was recorded" },
};

/** All lanes of a gateway, and the watch over attempts whose worker has died. */
export function createLanes({ destinations, changed, ...options }: LanesOptions) {
  const { ledger, now, random, log } = options;
  const worker = newWorker(now());
  const waiting = new Map<DeliveryId, Set<() => void>>();
  const lanes = destinations.map((destination) => createLane(destination, { ...options, worker, settled }));
  const showing = lanes.filter(({ destination }) => destination.sync !== null);
  let showTimer: NodeJS.Timeout | undefined;
  const byId = new Map(destinations.map((destination) => [destination.id, destination]));
  let recovery: NodeJS.Timeout | undefined;
  let unsubscribe = (): void => {};

  function wake(): void {
    for (const lane of lanes) lane.wake();
  }

  /** Whoever waits for this delivery hears of it at once; destinations that show statuses a little later, for several leads. */
  function settled(delivery: DeliveryId): void {
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
      isDead: (name) => isDeadWorker(name),
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

  return {
    /** Recovers what an earlier process left, then sets every lane to work. */
    async start(): Promise<void> {
      await recover();
      await lookAround();
      for (const lane of lanes) lane.start();
      unsubscribe = ledger.onWake(() => unwatched("a look at the ledger", lookAround));
      recovery = setInterval(() => unwatched("the recovery of lost attempts", recover), recoverEveryMs).unref();
    },
    wake,
    attempted,
    /** Claims nothing more and resolves when all attempts under way are settled, after `graceMs` at the latest. */
    async stop({ graceMs }: { graceMs: number }): Promise<void> {
      clearInterval(recovery);
      clearTimeout(showTimer);
      unsubscribe();
      let timer: NodeJS.Timeout | undefined;
      const outOfTime = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, graceMs);
      });
      await Promise.race([Promise.all(lanes.map((lane) => lane.stop())), outOfTime]);
      clearTimeout(timer);
      liveWorkers.delete(worker);
    },
    status: () => lanes.map((lane) => ({ id: lane.destination.id, ...lane.status() })),
  };
}

/** Workers of this very process: several gateways in one process must not take each other for dead. */
const registry = Symbol.for("leadkeep.live-workers");
const holder = globalThis as typeof globalThis & { [registry]?: Set<string> };
holder[registry] ??= new Set();
const liveWorkers = holder[registry];

/** `host:pid:start-serial`: enough for a later process on the same machine to see that this one is gone. */
function newWorker(now: number): string {
  const worker = `${hostname()}:${process.pid}:${now}-${liveWorkers.size}`;
  liveWorkers.add(worker);
  return worker;
}

/** True only when certain; a worker of another machine is given up when its lease is over. */
function isDeadWorker(worker: string): boolean {
  const [host, pid] = worker.split(":");
  if (host !== hostname()) return false;
  if (Number(pid) === process.pid) return !liveWorkers.has(worker);
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "ESRCH";
  }
}
