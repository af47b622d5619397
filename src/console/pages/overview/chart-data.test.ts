import { expect, test } from "vitest";
import { chartData } from "./chart-data.ts";

const period = { since: "2026-11-20T10:00:00.000Z", until: "2026-11-23T09:00:00.000Z" };
const tally = (hour: string, form: string, source: string, count: number) => ({ hour, form, source, count });

test("every day of the period has a bar, also those without leads", () => {
  const { bars } = chartData({ ...period, tallies: [] }, "form");
  expect(bars.map(({ total }) => total)).toEqual([0, 0, 0, 0]);
});

test("leads of one day are added up, the most frequent form first", () => {
  const tallies = [
    tally("2026-11-21T11:00:00.000Z", "contact", "", 2),
    tally("2026-11-21T12:00:00.000Z", "quote", "ads", 3),
    tally("2026-11-22T12:00:00.000Z", "quote", "", 1),
  ];
  const { series, bars } = chartData({ ...period, tallies }, "form");
  expect(series).toEqual([
    { key: "s0", value: "quote", total: 4 },
    { key: "s1", value: "contact", total: 2 },
  ]);
  expect(bars.map(({ s0, s1, total }) => [s0, s1, total])).toContainEqual([3, 2, 5]);
});

test("more sources than colours share the last one", () => {
  const tallies = Array.from({ length: 8 }, (_, n) => tally("2026-11-21T12:00:00.000Z", "quote", `ads-${n}`, 10 - n));
  const { series } = chartData({ ...period, tallies }, "source");
  expect(series).toHaveLength(6);
  expect(series.at(-1)).toEqual({ key: "s5", value: null, total: 5 + 4 + 3 });
});
