import { expect, test } from "vitest";
import { chartData } from "./chart-data.ts";

const period = { since: "2026-11-20T10:00:00.000Z", until: "2026-11-23T09:00:00.000Z" };
const counted = (day: string, value: string | null, count: number) => ({ day, value, count });
const overview = (form: ReturnType<typeof counted>[], source = form) => ({ ...period, leads_by_day: { form, source } });

test("every day of the period has a bar, also those without leads", () => {
  const { bars } = chartData(overview([]), "form");
  expect(bars.map(({ total }) => total)).toEqual([0, 0, 0, 0]);
});

test("a bar has the leads of its day, the most frequent form first", () => {
  const counts = [
    counted("2026-11-21", "contact", 2),
    counted("2026-11-21", "quote", 3),
    counted("2026-11-22", "quote", 1),
  ];
  const { series, bars } = chartData(overview(counts), "form");
  expect(series).toEqual([
    { key: "s0", value: "quote", total: 4 },
    { key: "s1", value: "contact", total: 2 },
  ]);
  expect(bars.map(({ s0, s1, total }) => [s0, s1, total])).toContainEqual([3, 2, 5]);
});

test("more sources than colours share the last one, with those the gateway has put together", () => {
  const sources = Array.from({ length: 8 }, (_, n) => counted("2026-11-21", `ads-${n}`, 10 - n));
  const { series } = chartData(overview([], [...sources, counted("2026-11-21", null, 100)]), "source");
  expect(series).toHaveLength(6);
  expect(series.at(-1)).toEqual({ key: "s5", value: null, total: 5 + 4 + 3 + 100 });
});

test("what the gateway has put together keeps the last colour also beside few others", () => {
  const { series, bars } = chartData(
    overview([counted("2026-11-21", "quote", 2), counted("2026-11-21", null, 1)]),
    "form",
  );
  expect(series.map(({ key, value }) => [key, value])).toEqual([
    ["s0", "quote"],
    ["s5", null],
  ]);
  expect(bars.find(({ total }) => total > 0)).toMatchObject({ s0: 2, s5: 1 });
});
