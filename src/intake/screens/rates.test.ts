import { describe, expect, test } from "vitest";
import { createCounts } from "./counts.ts";
import { createRates, limitsFrom } from "./rates.ts";

const minuteMs = 60_000;
const start = 1_700_000_040_000;

/** Rates after so many leads of a form, each from an address of its own, or all from one. */
function ratesAfter(count: number, { from, at = start }: { from?: string; at?: number } = {}) {
  const rates = createRates(limitsFrom());
  for (let i = 0; i < count; i++) rates.count("contact", from ?? `visitor ${i}`, at);
  return rates;
}

describe("from one address", () => {
  test("an office of forty that sends at once gets through, and nobody is refused", () => {
    const rates = ratesAfter(40, { from: "the office" });
    expect(rates.refuse("contact", "the office", start)).toBeNull();
    expect(rates.screen("contact", "the office", start)?.points).toBeLessThan(10);
  });

  test("many are quarantined long before they are refused, and others are not concerned", () => {
    const rates = ratesAfter(60, { from: "a bot" });
    expect(rates.screen("contact", "a bot", start)).toMatchObject({ code: "rate_high", points: 10 });
    expect(rates.refuse("contact", "a bot", start)).toBeNull();
    expect(rates.screen("contact", "somebody", start)).toBeNull();
    expect(ratesAfter(300, { from: "a bot" }).refuse("contact", "a bot", start)).toBeGreaterThan(0);
  });
});

describe("to one form, from everywhere", () => {
  test("many get a few points, more are quarantined, and only far more are refused", () => {
    const told = [1_499, 1_500, 3_000, 5_999].map(
      (count) => ratesAfter(count).screen("contact", "somebody", start)?.code,
    );
    expect(told).toEqual([undefined, "form_rate", "form_rate_high", "form_rate_high"]);
    expect(ratesAfter(5_999).refuse("contact", "somebody", start)).toBeNull();
    expect(ratesAfter(6_000).refuse("contact", "somebody", start)).toBeGreaterThan(0);
  });

  test("another form is not concerned", () => {
    expect(ratesAfter(6_000).screen("other", "somebody", start)).toBeNull();
    expect(ratesAfter(6_000).refuse("other", "somebody", start)).toBeNull();
  });

  test("who sets the ceiling alone has quarantine at half of it", () => {
    expect(limitsFrom({ form: 100 })).toMatchObject({ form: 100, formQuarantine: 50, formSuspect: 25 });
  });
});

test("who waits as long as told is not refused again", () => {
  for (const [count, passed] of [
    [300, 0],
    [300, 59_999],
    [420, 30_000],
    [1_200, 10_000],
  ] as const) {
    const rates = ratesAfter(count, { from: "a bot", at: start + passed });
    const waitSeconds = rates.refuse("contact", "a bot", start + passed) ?? 0;
    expect(waitSeconds).toBeGreaterThan(0);
    expect(rates.refuse("contact", "a bot", start + passed + waitSeconds * 1_000)).toBeNull();
  }
});

test("a clock set back by a day refuses and holds back nobody", () => {
  const rates = ratesAfter(300, { from: "the office" });
  const yesterday = start - 1_440 * minuteMs;
  expect(rates.refuse("contact", "the office", yesterday)).toBeNull();
  expect(rates.screen("contact", "the office", yesterday)).toBeNull();
});

test("counts fade with the minute they were made in", () => {
  const counts = createCounts(minuteMs, 10);
  for (let i = 0; i < 10; i++) counts.add("a", 0);
  expect([0, 59_999, 90_000, 120_000].map((at) => Math.round(counts.of("a", at)))).toEqual([10, 10, 5, 0]);
});
