import { expect, test } from "vitest";
import { afterFailure, type Breaker, closedBreaker } from "./breaker.ts";

function failing(ids: readonly string[], now = 0): Breaker {
  return ids.reduce((breaker, id) => afterFailure(breaker, id, now), closedBreaker);
}

test("five failures in a row over several deliveries open it", () => {
  expect(failing(["a", "b", "c", "d"]).probeAt).toBeNull();
  expect(failing(["a", "b", "c", "d", "e"], 10).probeAt).toBe(1_010);
});

test("one poisonous lead alone never opens it", () => {
  expect(failing(Array(50).fill("poison")).probeAt).toBeNull();
});

test("a whole batch that fails at once waits no longer than one lead", () => {
  const ids = Array.from({ length: 100 }, (_, index) => `lead${index}`);
  expect(failing(ids).probeAt).toBe(1_000);
});

test("failed probes come at doubling waits, up to half a minute", () => {
  let breaker = failing(["a", "b", "c", "d", "e"]);
  const waits: number[] = [];
  for (let i = 0; i < 8; i++) {
    const now = breaker.probeAt ?? 0;
    breaker = afterFailure(breaker, `p${i}`, now);
    waits.push((breaker.probeAt ?? 0) - now);
  }
  expect(waits).toEqual([2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000, 30_000]);
});
