import { expect, test } from "vitest";
import { parsePeriod, periodStart, periodText } from "./retention.ts";

test.each([
  ["730d", { days: 730 }],
  ["30 days", { days: 30 }],
  ["6 weeks", { days: 42 }],
  ["24 months", { months: 24 }],
  ["1 Month", { months: 1 }],
  ["2 years", { months: 24 }],
  ["never", null],
])("%s is a period", (text, period) => {
  expect(parsePeriod(text)).toEqual(period);
});

test.each(["", "soon", "0d", "-1d", "5", "2.5 months", "5m", "5h"])("%j is no period", (text) => {
  expect(() => parsePeriod(text)).toThrow(RangeError);
});

test.each([
  [{ days: 1 }, "2026-03-31T12:00:00Z", "2026-03-30T12:00:00Z"],
  [{ months: 1 }, "2026-03-31T12:00:00Z", "2026-02-28T12:00:00Z"],
  [{ months: 24 }, "2026-02-28T12:00:00Z", "2024-02-28T12:00:00Z"],
  [{ months: 13 }, "2026-01-15T00:00:00Z", "2024-12-15T00:00:00Z"],
])("%j before %s begins at %s: never earlier than the calendar says", (period, now, start) => {
  expect(new Date(periodStart(period, Date.parse(now)))).toEqual(new Date(start));
});

test("a period is told in words", () => {
  expect([periodText({ days: 1 }), periodText({ months: 24 }), periodText(null)]).toEqual([
    "1 day",
    "24 months",
    "for ever",
  ]);
});
