import type { Ledger, Pause } from "../ledger/ledger.ts";
import type { Destination } from "../model/destination.ts";
import { type Log, traceOf } from "../model/log.ts";
import { type Reason, rateLimited } from "../model/outcome.ts";
import type { Attempted } from "./attempt.ts";
import { type Knowledge, ownKnowledge, sharedKnowledge } from "./knowledge.ts";
import * as health from "./lane-health.ts";
import { turnLost } from "./turn.ts";

export type LaneConditionOptions = {
  ledger: Ledger;
  worker: string;
  now(): number;
  /** Milliseconds that only ever go forward. */
  monotonic(): number;
  log: Log;
  /** How long a probe may take before another is let out in its place. */
  probeMs: number;
};

/**
 * What holds a lane back, and what outcomes change about that: its pause, its breaker, and "too many requests". Where several
 * machines deliver, they all go by the same.
 */
export function createLaneCondition(destination: Destination, options: LaneConditionOptions) {
  const { ledger, worker: who, now, monotonic, log, probeMs } = options;
  const { together } = ledger;
  const { id } = destination;
  const known: Knowledge<health.LaneHealth> =
    together.machines === "one"
      ? ownKnowledge(health.fullHealth, monotonic)
      : sharedKnowledge({ together, kind: "health", of: id }, () => health.fullHealth, monotonic);
  let pause: Pause | null = null;

  /** Changes what is known, and makes known what it could not. */
  async function change(next: (known: health.LaneHealth, now: number) => health.LaneHealth): Promise<void> {
    try {
      await known.change(next);
    } catch (error) {
      log.warn({ destination: id, error: traceOf(error) }, "what was learnt of the destination could not be noted");
    }
  }

  /** For how long nothing may go, and whether what goes then is a probe. */
  async function look(): Promise<{ waitMs: number; probing: boolean }> {
    const state = await known.read();
    const { at, probing } = health.mayGoAt(state, { who, isPaused: pause !== null, now: known.now() });
    return { waitMs: pause?.by === "person" ? Number.POSITIVE_INFINITY : at - known.now(), probing };
  }

  /** Takes the right to probe; false when another machine was faster. */
  async function beginProbe(): Promise<boolean> {
    let begun = false;
    await known.change((state, at) => {
      const next = health.probeBegun(state, { who, isPaused: pause !== null, now: at, forMs: probeMs });
      begun = next !== state;
      return next;
    });
    return begun;
  }

  /** There was something to probe with, or nothing. */
  async function probed(something: boolean): Promise<void> {
    if (!something) await change((state) => health.probeEnded(state, who));
    else if (pause) await change((state, at) => health.probePutOff(state, at));
  }

  /** What an outcome tells about the destination as a whole. */
  function learn({ claim, outcome }: Attempted): void {
    if (outcome.type === "blocked") {
      block(outcome.reason);
    } else if (outcome.type === "retry" && outcome.reason.code === rateLimited) {
      over((state, at) => health.heldBack(state, outcome.waitMs, at));
    } else if (outcome.type === "retry" && outcome.reason.code === turnLost) {
      over((state) => state);
    } else if (outcome.type === "retry" || outcome.type === "uncertain") {
      fail(claim.delivery.id, outcome.reason);
    } else {
      succeed();
    }
  }

  /** Notes what an attempt told; if it was a probe, it is over. */
  function over(next: (state: health.LaneHealth, now: number) => health.LaneHealth): Promise<void> {
    return change((state, at) => health.probeEnded(next(state, at), who));
  }

  function fail(delivery: string, reason: Reason): void {
    let opened = false;
    over((state, at) => {
      const next = health.failed(state, delivery, { who, now: at });
      opened = health.isOpen(next) && !health.isOpen(state);
      return next;
    }).then(() => {
      if (opened) log.warn({ destination: id, reason }, "taken to be down; probing one at a time");
    });
  }

  function succeed(): void {
    const last = known.last();
    if (health.isOpen(last)) log.info({ destination: id }, "answers again");
    if (health.answered(last) !== last) change(health.answered);
    // An attempt that was under way when a person paused it ends no pause.
    if (pause?.by === "machine") resume("a probe succeeded");
  }

  function block(reason: Reason): void {
    if (pause) {
      over((state) => state);
      return;
    }
    over(health.probePutOff);
    pause = { destination: id, since: now(), by: "machine", reason };
    log.error({ destination: id, reason }, "paused: it takes no leads until someone acts; they are kept");
    ledger.pause(pause).catch((error) => {
      log.error({ destination: id, error: traceOf(error) }, "the pause could not be recorded");
    });
  }

  function resume(why: string): void {
    pause = null;
    log.info({ destination: id, why }, "resumed");
    ledger.resume(id, { now: now(), actor: { type: "machine", name: "probe" } }).catch((error) => {
      log.error({ destination: id, error: traceOf(error) }, "the end of the pause could not be recorded");
    });
  }

  return {
    look,
    beginProbe,
    probed,
    learn,
    block,
    /** Takes over what the ledger says of this lane's pause, after a start or another process's act. */
    setPause(recorded: Pause | null): void {
      if (pause && recorded === null) change(health.unblocked);
      pause = recorded;
    },
    /** `failures`: attempts that failed in a row, the destination at fault. */
    status: () => ({ pause, open: health.isOpen(known.last()), failures: known.last().breaker.failures }),
  };
}
