import { expect, test } from "vitest";
import { formatIn } from "./format.ts";

const format = formatIn("en-GB", "Europe/London");

test("a share that is not all is never rounded up to all", () => {
  expect([format.share(0.9999), format.share(1)]).toEqual(["99.9%", "100%"]);
});

test("time passed is told in the largest unit that fits", () => {
  const now = Date.parse("2026-11-24T12:00:00.000Z");
  const ago = (ms: number) => format.relative(new Date(now - ms), now);
  expect([ago(0), ago(59 * 60_000), ago(3 * 3_600_000), ago(25 * 3_600_000)]).toEqual([
    "now",
    "59 minutes ago",
    "3 hours ago",
    "yesterday",
  ]);
});

test("a span is told in one unit", () => {
  expect([240, 1_500, 90_000, 7_200_000].map(format.span)).toEqual(["240ms", "1.5s", "1.5m", "2h"]);
});

test("a moment is told in the viewer's zone", () => {
  expect(formatIn("en-GB", "America/New_York").full("2026-11-24T02:00:00.000Z")).toContain("23 November 2026");
});
