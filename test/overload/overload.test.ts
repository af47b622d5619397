import { beforeAll, expect, test } from "vitest";
import { type OverloadReport, runOverload } from "./overload.ts";

/** The short form of `npm run overload`: one storm over a gateway on a disk so slow that any machine can send more than it takes. */
let report: OverloadReport;

beforeAll(async () => {
  report = await runOverload({ offered: 1_200, seconds: 3, commitMs: 300, connections: 3_000, log: () => {} });
}, 120_000);

test("more than it can take: every submission is answered, kept or told when to come again", () => {
  const { sent, statuses, odd } = report.storm;
  expect(odd).toEqual([]);
  expect(Object.keys(statuses).sort()).toEqual(["202", "503"]);
  expect((statuses["202"] ?? 0) + (statuses["503"] ?? 0)).toBe(sent);
});

test("more than it can take: whatever was accepted is on record, and delivered once", () => {
  const { accepted, lost, undelivered, doubled } = report.fate;
  expect(accepted).toBeGreaterThan(50);
  expect([...lost, ...undelivered, ...doubled]).toEqual([]);
});

// The size of a process is read as Linux tells it.
test("more than it can take: memory stays bounded", () => {
  expect(report.memory.most).toBeGreaterThan(40);
  expect(report.memory.most).toBeLessThan(420);
});

test("afterwards it takes submissions as ever", () => {
  expect(report.after.statuses).toEqual({ "202": report.after.sent });
});
