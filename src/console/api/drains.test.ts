import { expect, test } from "vitest";
import { type Counts, type Drain, standingOf } from "./drains.ts";

const counts = (some: Partial<Counts> = {}): Counts => ({
  pending: 0,
  claimed: 0,
  delivered: 0,
  dead: 0,
  withheld: 0,
  cancelled: 0,
  ...some,
});
const aDrain = (some: Partial<Drain> = {}): Drain => ({
  destination: "webhook",
  total: 100,
  phase: "sending",
  before: counts({ dead: 100 }),
  deadLeft: 0,
  standing: null,
  ...some,
});

test("what is not queued yet counts as waiting", () => {
  const now = counts({ dead: 60, pending: 30, delivered: 10 });
  expect(standingOf(aDrain({ phase: "queueing", deadLeft: null }), now)).toEqual({
    waiting: 90,
    delivered: 10,
    dead: 0,
    other: 0,
  });
});

test("what died again is told apart from the dead letters that were left alone", () => {
  expect(standingOf(aDrain({ deadLeft: 42 }), counts({ dead: 47, delivered: 95 }))).toEqual({
    waiting: 0,
    delivered: 95,
    dead: 5,
    other: 0,
  });
});

test("what neither arrived nor died was withheld or stopped", () => {
  expect(standingOf(aDrain(), counts({ delivered: 90, withheld: 10 }))).toMatchObject({ delivered: 90, other: 10 });
});

test("what had vanished there counts as delivered only once it has arrived again", () => {
  const before = counts({ delivered: 400 });
  const drain = aDrain({ before, deadLeft: 0 });
  expect(standingOf(drain, counts({ pending: 100, delivered: 400 }))).toMatchObject({ waiting: 100, delivered: 0 });
  expect(standingOf(drain, counts({ delivered: 500 }))).toMatchObject({ waiting: 0, delivered: 100, other: 0 });
});

test("leads that arrive meanwhile never lead past the total", () => {
  const now = counts({ pending: 400, delivered: 900 });
  expect(standingOf(aDrain(), now)).toEqual({ waiting: 100, delivered: 0, dead: 0, other: 0 });
});
