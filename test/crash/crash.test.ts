import { beforeAll, describe, expect, test } from "vitest";
import { type CrashReport, runCrash } from "./crash.ts";

/** The short form of `npm run crash`: two runs, and each promise looked at in what they left. In a rush a thread records new leads. */
const runs = [
  { name: "a few senders", kills: 5, concurrency: 8 },
  { name: "a rush of senders", kills: 3, concurrency: 64 },
];

describe.each(runs)("killed at any moment under $name", ({ kills, concurrency }) => {
  let report: CrashReport;

  beforeAll(async () => {
    report = await runCrash({ kills, concurrency, seed: 20_261_124, log: () => {} });
  }, 90_000);

  test("kept before thanked: every lead answered 202 outlives the kills, and its key always comes to it", () => {
    expect(report.accepted).toBeGreaterThan(kills * concurrency);
    expect(report.confused).toEqual([]);
    expect(report.strange).toEqual([]);
  });

  test("never dropped: every accepted lead is delivered to every destination", () => {
    expect(report.lost).toEqual([]);
  });

  test("once in effect: a repeat on the wire has the same delivery id, and an uncertain attempt that explains it", () => {
    expect(report.duplicates).toBeGreaterThan(0);
    expect(report.unexplained).toEqual([]);
  });

  test("everything is written down: every request has its attempt, and every attempt its number and its outcome", () => {
    expect(report.uncertain).toBeGreaterThan(0);
    expect(report.unwritten).toEqual([]);
  });

  test("the ledger's file is whole after the kills", () => {
    expect(report.integrity).toBe("ok");
  });

  test("told to stop under load it finishes what it began and ends with 0", () => {
    expect(report.orderlyEnd).toEqual({ exit: 0, unfinished: [] });
  });
});
