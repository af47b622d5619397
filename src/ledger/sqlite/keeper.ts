import { Worker } from "node:worker_threads";
import { LedgerUnavailable } from "../../model/errors.ts";
import type { Accepted } from "../ledger.ts";
import type { Arrival } from "./arrival.ts";
import { createTurnstile, type Turnstile, turnstileBytes } from "./turnstile.ts";

/** What the thread is told: leads to be recorded together. */
export type Asked = { n: number; arrivals: readonly Arrival[] };
/** And what it answers, lead by lead; first of all that it is ready, and last that it has closed. */
export type Told =
  | { type: "ready" }
  | { type: "answers"; n: number; answers: readonly Answer[] }
  | { type: "committed"; writes: number }
  | { type: "closed" };
export type Answer = { accepted: Accepted } | { unavailable: string } | { failed: string };
export type KeeperData = { path: string; shared: SharedArrayBuffer; patienceMs: number | null };

export type Keeper = {
  /** Null while no thread is ready: then the lead is to be recorded here. */
  accept(arrival: Arrival): Promise<Accepted> | null;
  turnstile(): Turnstile | null;
  /** Resolves when what was handed over is on disk or refused. */
  close(): Promise<void>;
};

export type KeeperOptions = {
  path: string;
  patienceMs?: number;
  committed?(writes: number): void;
  /** How many leads within one turn of the event loop make the thread start; 0: it records all of them from the first. */
  threadAt: number;
};

type Waiting = { resolve(accepted: Accepted): void; reject(error: unknown): void };

/** Leads that may wait before more are turned away. */
const longest = 20_000;

/**
 * Records new leads in a thread of its own, over a connection of its own, once there are so many at once that commits would hold up
 * everything else: HTTP and intake then go on while leads are being written. It begins with the first rush, so that a small site never
 * pays for it; should it ever end by itself, leads are recorded as before.
 */
export function createKeeper({ path, patienceMs, committed, threadAt }: KeeperOptions): Keeper {
  const shared = new SharedArrayBuffer(turnstileBytes);
  const turnstile = createTurnstile(shared, 1);
  const handed = new Map<number, readonly Waiting[]>();
  let worker: Worker | null = null;
  /** Whether leads are handed over: from the time it is ready until it ends. */
  let isTaking = threadAt === 0;
  let isGone = false;
  let arrivals: Arrival[] = [];
  let waiting: Waiting[] = [];
  let under = 0;
  let n = 0;
  let closed = (): void => {};

  function start(): void {
    worker = new Worker(threadFile, {
      workerData: { path, shared, patienceMs: patienceMs ?? null } satisfies KeeperData,
    });
    worker.unref();
    worker.on("message", hear);
    worker.once("error", gone);
    worker.once("exit", gone);
  }

  function hear(told: Told): void {
    if (told.type === "ready") isTaking = true;
    if (told.type === "committed") committed?.(told.writes);
    if (told.type === "closed") closed();
    if (told.type !== "answers") return;
    const asked = handed.get(told.n) ?? [];
    handed.delete(told.n);
    under -= asked.length;
    for (const [i, one] of asked.entries()) answer(one, told.answers[i]);
  }

  /** Whether the last ones were written nobody can tell: their senders send again. */
  function gone(): void {
    if (isGone) return;
    isGone = true;
    isTaking = false;
    turnstile.alone();
    const lost = new LedgerUnavailable(`The ledger at ${path} was interrupted. It goes on by itself.`);
    for (const one of [...[...handed.values()].flat(), ...waiting]) one.reject(lost);
    handed.clear();
    arrivals = [];
    waiting = [];
    under = 0;
    closed();
  }

  function hand(): void {
    if (arrivals.length === 0) return;
    const asked: Asked = { n: ++n, arrivals };
    handed.set(n, waiting);
    arrivals = [];
    waiting = [];
    worker?.postMessage(asked);
  }

  if (threadAt === 0) start();

  /** Counts those recorded here, to see whether a thread would be worth it. */
  function counted(): null {
    under += 1;
    if (worker === null && under >= threadAt) start();
    setImmediate(() => {
      under = Math.max(0, under - 1);
    });
    return null;
  }

  return {
    accept(arrival) {
      if (!isTaking) return counted();
      if (under >= longest) {
        return Promise.reject(new LedgerUnavailable(`The ledger at ${path} has ${longest} writes waiting.`));
      }
      under += 1;
      // After all that this step of intake brings, and before anything else is read.
      if (arrivals.length === 0) process.nextTick(hand);
      arrivals.push(arrival);
      return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
    },
    turnstile: () => (worker === null ? null : turnstile),
    async close() {
      if (worker === null || isGone) return;
      hand();
      worker.ref();
      await new Promise<void>((resolve) => {
        closed = resolve;
        worker?.postMessage("close");
      });
      await worker.terminate();
    },
  };
}

function answer({ resolve, reject }: Waiting, told: Answer | undefined): void {
  if (told && "accepted" in told) resolve(told.accepted);
  else if (told && "unavailable" in told) reject(new LedgerUnavailable(told.unavailable));
  else reject(new Error(told?.failed ?? "a lead was not answered for"));
}

const threadFile = new URL(`./keeper-thread.${import.meta.url.endsWith(".ts") ? "ts" : "js"}`, import.meta.url);
