import { expect, test } from "vitest";
import { countOf, stretchesOf, verdictsIn } from "./verdicts.ts";

const standing = {
  verdicts: [
    { verdict: "never" as const, code: null, count: 500 },
    { verdict: "dead" as const, code: "rejected", count: 2 },
    { verdict: "dead" as const, code: "gone", count: 1 },
    { verdict: "seen" as const, code: null, count: 99_996 },
    { verdict: "missing" as const, code: null, count: 1 },
  ],
};

test("a verdict counts whatever its reasons", () => {
  expect(countOf(standing, "dead")).toBe(3);
  expect(countOf(standing, "waiting")).toBe(0);
  expect(verdictsIn([standing])).toEqual(["seen", "dead", "missing", "never"]);
});

test("one in a hundred thousand is still seen in the bar, and what was never meant for it is no part of it", () => {
  const stretches = stretchesOf(standing);
  expect(stretches.map(({ verdict }) => verdict)).toEqual(["seen", "dead", "missing"]);
  expect(Math.min(...stretches.map(({ share }) => share))).toBeGreaterThan(1);
  expect(stretches.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(100);
  expect(stretchesOf({ verdicts: [] })).toEqual([]);
});
