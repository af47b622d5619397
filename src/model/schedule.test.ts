import { expect, test } from "vitest";
import { parseDuration } from "./schedule.ts";

test.each([
  ["250ms", 250],
  ["1.5s", 1_500],
  ["2 min", 120_000],
  ["1d", 86_400_000],
])("%j is %i ms", (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each(["", "5", "s", "-1s", "1e3s", `${"9".repeat(20)}d`, `${"5".repeat(400)}s`])("%j is no duration", (text) => {
  expect(() => parseDuration(text)).toThrow(RangeError);
});
