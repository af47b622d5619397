import { expect, test } from "vitest";
import { busiestOf, weekOf } from "./week.ts";

const figures = Array.from({ length: 168 }, (_, hour) => (hour === 24 + 9 ? 2 : hour === 24 + 10 ? 1 : 0));

test("a week begins on Monday, and its busiest hour is the hottest", () => {
  const [monday, tuesday] = weekOf(figures);
  expect(monday?.every(({ heat }) => heat === 0)).toBe(true);
  expect([tuesday?.[9]?.heat, tuesday?.[10]?.heat, tuesday?.[11]?.heat]).toEqual([100, 50, 0]);
  expect(busiestOf(figures)).toEqual({ day: 1, hour: 9 });
});

test("a week in which nothing is expected is cold throughout", () => {
  expect(weekOf(figures.map(() => 0)).flat()).toHaveLength(168);
  expect(
    weekOf(figures.map(() => 0))
      .flat()
      .every(({ heat }) => heat === 0),
  ).toBe(true);
});
