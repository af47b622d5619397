import { expect, test } from "vitest";
import { createGathering } from "./gathering.ts";

const turn = () => new Promise((resolve) => setImmediate(resolve));

function aGathering(isLast = false) {
  let came = 0;
  const seen: number[] = [];
  const gathering = createGathering({ isLast: () => isLast, seeTo: () => seen.push(came) });
  const add = () => {
    came += 1;
    gathering.add();
  };
  return { add, seen, end: gathering.end };
}

test("what comes turn after turn is seen to together, once it is quiet", async () => {
  const { add, seen } = aGathering();
  for (let i = 0; i < 5; i++) {
    add();
    await turn();
  }
  expect(seen).toEqual([]);
  for (let i = 0; i < 3; i++) await turn();
  expect(seen).toEqual([5]);
});

test("the last one waits for nothing", () => {
  const { add, seen } = aGathering(true);
  add();
  expect(seen).toEqual([1]);
});

test("a stream that never ends is seen to in between", async () => {
  const { add, seen } = aGathering();
  for (let i = 0; i < 100; i++) {
    add();
    await turn();
  }
  expect(seen.length).toBeGreaterThan(4);
});

test("what was seen to early is not seen to again", async () => {
  const { add, seen, end } = aGathering();
  add();
  end();
  for (let i = 0; i < 4; i++) await turn();
  expect(seen).toEqual([1]);
});
