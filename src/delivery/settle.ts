import type { Next } from "../ledger/ledger.ts";
import type { Delivery } from "../model/delivery.ts";
import { type Outcome, type Reason, rateLimited } from "../model/outcome.ts";
import { longestWaitMs, type Schedule, spanOf } from "../model/schedule.ts";

export type SettleContext = {
  delivery: Pick<Delivery, "tries" | "firstTryAt">;
  schedule: Schedule;
  /** True while an attempt, this one or an earlier one, may have arrived unseen. */
  uncertain: boolean;
  /** Epoch milliseconds. */
  now: number;
  /** From 0 up to, not including, 1. */
  random: number;
};

/** Waits are stretched by up to a quarter, so that retries of one outage do not all come back at once; never shortened. */
const jitter = 0.25;

/** How far two looks at a clock may differ that nobody has set. */
const clockSlackMs = 60_000;

/** Milliseconds beyond which no retry is put off, whatever its outcome was: a later one was, by a clock that was ahead. */
export function longestPutOffMs(schedule: Schedule): number {
  const longest = Math.max(...schedule, 0) * (1 + jitter);
  return Math.ceil(Math.max(longest, spanOf(schedule), longestWaitMs)) + clockSlackMs;
}

/**
 * The state an outcome leads to.
 *
 * A retry waits `max(schedule, waitMs)`. It becomes a dead letter only when its tries are used up (one more than the
 * schedule has waits) and the schedule's span has passed since the first. Being told to wait, or being blocked, costs no try.
 */
export function settle(outcome: Outcome, context: SettleContext): Next {
  const { tries } = context.delivery;
  switch (outcome.type) {
    case "delivered":
      return { state: "delivered", ref: outcome.ref ?? null, warnings: outcome.warnings ?? [] };
    case "rejected":
      return { state: "dead", tries: tries + 1, reason: outcome.reason };
    case "blocked":
      return pending(context, context.now, tries, outcome.reason);
    case "uncertain":
      return retry(context, tries + 1, 0, outcome.reason);
    case "retry": {
      const waitMs = Math.min(outcome.waitMs ?? 0, longestWaitMs);
      if (outcome.reason.code !== rateLimited) return retry(context, tries + 1, waitMs, outcome.reason);
      const wait = Math.max(scheduled(context, tries), waitMs);
      return pending(context, context.now + wait, tries, outcome.reason);
    }
  }
}

function retry(context: SettleContext, tries: number, waitMs: number, reason: Reason): Next {
  const { schedule, now, delivery } = context;
  const wait = Math.max(scheduled(context, tries - 1), waitMs);
  if (tries <= schedule.length) return pending(context, now + wait, tries, reason);
  // A first try in the future was made while the clock was ahead.
  const over = Math.min(delivery.firstTryAt ?? now, now) + spanOf(schedule);
  return now >= over ? { state: "dead", tries, reason } : pending(context, Math.max(over, now + waitMs), tries, reason);
}

/** The schedule's wait after `tries` earlier waits; its last one from there on. */
function scheduled({ schedule, random }: SettleContext, tries: number): number {
  const wait = schedule[Math.min(tries, schedule.length - 1)] ?? 0;
  return Math.round(wait * (1 + jitter * random));
}

function pending({ uncertain }: SettleContext, dueAt: number, tries: number, reason: Reason): Next {
  return { state: "pending", dueAt, tries, uncertain, reason };
}
