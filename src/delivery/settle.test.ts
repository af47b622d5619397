import fc from "fast-check";
import { expect, test } from "vitest";
import type { Outcome } from "../model/outcome.ts";
import { defaultSchedule, longestWaitMs, spanOf } from "../model/schedule.ts";
import { longestPutOffMs, type SettleContext, settle } from "./settle.ts";

const reason = { code: "server_error", message: "answered 500", status: 500 };
const retry: Outcome = { type: "retry", reason };
const schedule = [1_000, 2_000, 4_000];

function context(overrides: Partial<SettleContext> = {}): SettleContext {
  return { delivery: { tries: 0, firstTryAt: 0 }, schedule, uncertain: false, now: 0, random: 0, ...overrides };
}

test("delivered keeps the reference and the warnings", () => {
  const next = settle({ type: "delivered", ref: "17", warnings: ["dropped x"] }, context());
  expect(next).toEqual({ state: "delivered", ref: "17", warnings: ["dropped x"] });
});

test("rejected is a dead letter at once", () => {
  expect(settle({ type: "rejected", reason }, context())).toEqual({ state: "dead", tries: 1, reason });
});

test("blocked costs no try and is due as soon as the lane goes on", () => {
  const next = settle({ type: "blocked", reason }, context({ delivery: { tries: 2, firstTryAt: 0 }, now: 50 }));
  expect(next).toEqual({ state: "pending", dueAt: 50, tries: 2, uncertain: false, reason });
});

test("each failed try waits the schedule's next wait", () => {
  const waits = schedule.map((_, tries) => settle(retry, context({ delivery: { tries, firstTryAt: 0 }, now: 100 })));
  expect(waits.map((next) => "dueAt" in next && next.dueAt - 100)).toEqual(schedule);
});

test("with the default schedule the twelfth failed try is the last, about three days after the first", () => {
  let now = 0;
  let tries = 0;
  const startedAt: number[] = [];
  for (;;) {
    startedAt.push(now);
    const next = settle(retry, context({ delivery: { tries, firstTryAt: 0 }, schedule: defaultSchedule, now }));
    if (next.state !== "pending") break;
    now = next.dueAt;
    tries = next.tries;
  }
  expect(startedAt).toHaveLength(12);
  expect(startedAt.at(-1)).toBe(spanOf(defaultSchedule));
});

test("tries used up before the schedule's span has passed do not make a dead letter", () => {
  const next = settle(retry, context({ delivery: { tries: 3, firstTryAt: 0 }, now: 10 }));
  expect(next).toMatchObject({ state: "pending", dueAt: spanOf(schedule), tries: 4 });
});

test("a destination's longer wait is kept, up to 24 hours", () => {
  expect(settle({ type: "retry", reason, waitMs: 90_000 }, context())).toMatchObject({ dueAt: 90_000 });
  expect(settle({ type: "retry", reason, waitMs: 1e12 }, context())).toMatchObject({ dueAt: longestWaitMs });
});

test("a destination's shorter wait does not shorten the schedule's", () => {
  expect(settle({ type: "retry", reason, waitMs: 10 }, context())).toMatchObject({ dueAt: 1_000 });
});

test("being told to wait costs no try, however often", () => {
  const limited: Outcome = { type: "retry", reason: { code: "rate_limited", message: "answered 429" }, waitMs: 5_000 };
  const next = settle(limited, context({ delivery: { tries: 40, firstTryAt: 0 }, now: 1e9 }));
  expect(next).toMatchObject({ state: "pending", dueAt: 1e9 + 5_000, tries: 40 });
});

test("an uncertain outcome stays uncertain in the next state", () => {
  expect(settle({ type: "uncertain", reason }, context({ uncertain: true }))).toMatchObject({
    uncertain: true,
    tries: 1,
  });
});

test("a wait is never shorter than asked for and at most a quarter longer", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 1e8 }), { minLength: 1, maxLength: 12 }),
      fc.nat(10),
      fc.double({ min: 0, max: 0.999_999, noNaN: true }),
      (waits, tries, random) => {
        const wanted = waits[Math.min(tries, waits.length - 1)] ?? 0;
        const next = settle(retry, context({ schedule: waits, delivery: { tries, firstTryAt: 0 }, random }));
        if (next.state !== "pending" || tries >= waits.length) return;
        expect(next.dueAt).toBeGreaterThanOrEqual(wanted);
        expect(next.dueAt).toBeLessThanOrEqual(Math.ceil(wanted * 1.25));
      },
    ),
  );
});

test("nothing is put off for longer than the longest wait there is", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 1e9 }), { minLength: 1, maxLength: 12 }),
      fc.record({ tries: fc.nat(20), firstTryAt: fc.option(fc.nat(2e10)) }),
      fc.double({ min: 0, max: 0.999_999, noNaN: true }),
      fc.option(fc.nat(2e9), { nil: undefined }),
      (waits, delivery, random, waitMs) => {
        const now = 1e10;
        const outcome: Outcome = { type: "retry", reason, ...(waitMs === undefined ? {} : { waitMs }) };
        const next = settle(outcome, context({ schedule: waits, delivery, random, now }));
        if (next.state === "pending") expect(next.dueAt - now).toBeLessThanOrEqual(longestPutOffMs(waits));
      },
    ),
  );
});
