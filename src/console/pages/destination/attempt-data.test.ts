import { expect, test } from "vitest";
import { attemptData } from "./attempt-data.ts";

const now = new Date(2026, 10, 24, 15, 30).getTime();
const tally = (day: number, hour: number, outcome: string, count: number, duration_ms: number) => ({
  hour: new Date(2026, 10, day, hour).toISOString(),
  outcome,
  count,
  duration_ms,
});

test("every one of the last seven days is there, also those without attempts", () => {
  const { days } = attemptData([tally(24, 9, "delivered", 2, 100)], now);
  expect(days.map(({ day, total }) => [day.slice(-2), total])).toEqual([
    ["18", 0],
    ["19", 0],
    ["20", 0],
    ["21", 0],
    ["22", 0],
    ["23", 0],
    ["24", 2],
  ]);
});

test("a day's attempts are told apart by what they came to", () => {
  const { days } = attemptData([tally(23, 9, "delivered", 2, 100), tally(23, 10, "retry", 3, 900)], now);
  expect(days.at(-2)).toMatchObject({ delivered: 2, retry: 3, total: 5, averageMs: 200 });
});

test("an hour without attempts is a gap, not a zero", () => {
  const { hours } = attemptData([tally(24, 13, "delivered", 1, 40), tally(24, 15, "delivered", 2, 20)], now);
  expect(hours.map(({ averageMs }) => averageMs)).toEqual([40, null, 10]);
});

test("no attempts at all are no hours at all", () => {
  expect(attemptData([], now)).toMatchObject({ hours: [], total: 0, averageMs: null });
});
