import { expect, test } from "vitest";
import { createWaitingLine } from "./waiting-line.ts";

test("a line is long when its first has waited too long, however many there are", () => {
  let now = 0;
  const line = createWaitingLine(100, () => now);
  const leave = Array.from({ length: 1_000 }, () => line.enter());
  expect(line.isLong()).toBe(false);
  now = 101;
  expect(line.isLong()).toBe(true);
  for (const one of leave) one();
  expect(line.isLong()).toBe(false);
});

test("whoever is answered makes the next the first in line", () => {
  let now = 0;
  const line = createWaitingLine(100, () => now);
  const first = line.enter();
  now = 80;
  line.enter();
  now = 120;
  expect(line.isLong()).toBe(true);
  first();
  expect(line.isLong()).toBe(false);
});
