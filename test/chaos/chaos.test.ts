import { beforeAll, expect, test } from "vitest";
import { type ChaosReport, runChaos } from "./chaos.ts";
import { disruptionKinds } from "./disruptions.ts";

/** The short form of `npm run chaos`: one run, and each promise looked at in what it left. */
let report: ChaosReport;

beforeAll(async () => {
  report = await runChaos({
    stormMs: 12_000,
    everyMs: 800,
    leadsPerSecond: 8,
    freezeMs: 8_000,
    clocksMs: [[0], [60_000], [-30_000], [0, 40_000]],
    seed: 20_261_124,
    log: () => {},
  });
}, 240_000);

test("everything that can happen to four gateways and their Postgres has happened", () => {
  expect([...report.disruptions.keys()].sort()).toEqual([...disruptionKinds].sort());
});

test("kept before thanked: every lead answered 202 or 303 outlives it, and its key always comes to it", () => {
  expect(report.accepted).toBeGreaterThan(50);
  expect(report.forms).toBeGreaterThan(0);
  expect([...report.unanswered, ...report.confused, ...report.strange]).toEqual([]);
});

test("never dropped: every accepted lead is delivered to every destination", () => {
  expect([...report.lost, ...report.unsettled]).toEqual([]);
});

test("once in effect: a repeat on the wire has the same delivery id, and an uncertain attempt that explains it", () => {
  expect([...report.unexplained, ...report.unexplainedLate]).toEqual([]);
});

test("everything is written down: every request has its attempt, and every attempt its number and its outcome", () => {
  expect(report.uncertain).toBeGreaterThan(0);
  expect(report.unwritten).toEqual([]);
});

test("a delivery is one worker's at a time, and a late result is never written over a newer one", () => {
  expect(report.claims).toBeGreaterThan(0);
  expect([...report.twoAtOnce, ...report.overwritten]).toEqual([]);
});

test("no gateway ends by itself, whatever becomes of its database", () => {
  expect(report.crashes).toEqual([]);
});
