import { expect, test } from "vitest";
import {
  answered,
  failed,
  fullHealth,
  heldBack,
  isOpen,
  type LaneHealth,
  mayGoAt,
  probeBegun,
  probeEnded,
  probePutOff,
  unblocked,
} from "./lane-health.ts";

const open = (now: number): LaneHealth =>
  ["a", "b", "c", "d", "e"].reduce((health, id) => failed(health, id, { who: "ada", now }), fullHealth);
const probing = { isPaused: false, now: 5_000, forMs: 30_000 };

test("a healthy destination holds nothing back", () => {
  expect(mayGoAt(fullHealth, { who: "ada", isPaused: false, now: 5_000 })).toEqual({ at: 0, probing: false });
});

test("only one may probe, and another when that one is done or gone", () => {
  const begun = probeBegun(open(0), { who: "ada", ...probing });
  expect(probeBegun(begun, { who: "bob", ...probing })).toBe(begun);
  expect(mayGoAt(begun, { who: "bob", ...probing }).at).toBe(35_000);
  expect(probeBegun(probeEnded(begun, "ada"), { who: "bob", ...probing }).probe?.by).toBe("bob");
  expect(probeBegun(begun, { who: "bob", ...probing, now: 35_000 }).probe?.by).toBe("bob");
});

test("nobody ends another's probe, and what others had under way is no failed one", () => {
  const begun = probeBegun(open(0), { who: "ada", ...probing });
  expect(probeEnded(begun, "bob")).toBe(begun);
  expect(failed(begun, "f", { who: "bob", now: 5_000 })).toBe(begun);
  expect(failed(begun, "f", { who: "ada", now: 5_000 }).breaker.probeAt).toBe(7_000);
});

test("an answer closes the breaker and ends every probe, but not a wait the destination asked for", () => {
  const held = heldBack(probeBegun(open(0), { who: "ada", ...probing }), 60_000, 5_000);
  const after = answered(held);
  expect([isOpen(after), after.probe, after.holdUntil]).toEqual([false, null, 65_000]);
  expect(answered(after)).toBe(after);
});

test("without a Retry-After the waits double up to a minute", () => {
  let health = fullHealth;
  const waits = Array.from({ length: 8 }, () => {
    health = heldBack({ ...health, holdUntil: 0 }, undefined, 0);
    return health.holdUntil;
  });
  expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
});

test("several machines that find a destination blocked put its probe off once", () => {
  const blocked = probePutOff(fullHealth, 0);
  expect(blocked.blocked).toEqual({ probes: 1, probeAt: 30_000 });
  expect(probePutOff(blocked, 20)).toBe(blocked);
  expect(probePutOff(blocked, 30_000).blocked).toEqual({ probes: 2, probeAt: 90_000 });
  expect(mayGoAt(blocked, { who: "ada", isPaused: true, now: 0 })).toEqual({ at: 30_000, probing: true });
  expect(unblocked(blocked)).toEqual(fullHealth);
});
