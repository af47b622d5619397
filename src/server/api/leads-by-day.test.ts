import { expect, test } from "vitest";
import { isTimezone, leadsByDay, ownRows } from "./leads-by-day.ts";

const tally = (hour: string, form: string, source: string, count: number) => ({
  hour: Date.parse(hour),
  form,
  source,
  count,
});

test("hours become days of the time zone asked for", () => {
  const tallies = [
    tally("2026-11-20T22:00:00Z", "quote", "", 1),
    tally("2026-11-20T23:00:00Z", "quote", "", 2),
    tally("2026-11-21T10:00:00Z", "quote", "", 4),
  ];
  expect(leadsByDay(tallies, "form", "Europe/Berlin")).toEqual([
    { day: "2026-11-20", value: "quote", count: 1 },
    { day: "2026-11-21", value: "quote", count: 6 },
  ]);
  expect(leadsByDay(tallies, "form", "UTC")).toMatchObject([{ count: 3 }, { count: 4 }]);
});

test("no source is a source of its own; the rare ones share a row, and none is lost", () => {
  const tallies = [
    tally("2026-11-20T10:00:00Z", "quote", "", 50),
    ...Array.from({ length: 5_000 }, (_, n) => tally("2026-11-20T10:00:00Z", "quote", `made-up-${n}`, 1)),
  ];
  const rows = leadsByDay(tallies, "source", "UTC");
  expect(rows).toHaveLength(ownRows + 1);
  expect(rows[0]).toEqual({ day: "2026-11-20", value: "", count: 50 });
  expect(rows.reduce((sum, { count }) => sum + count, 0)).toBe(5_050);
  expect(rows.find(({ value }) => value === null)?.count).toBe(5_000 - ownRows + 1);
});

test("a time zone that does not exist is none", () => {
  expect(["Europe/Berlin", "UTC", "Middle/Earth", ""].map(isTimezone)).toEqual([true, true, false, false]);
});
