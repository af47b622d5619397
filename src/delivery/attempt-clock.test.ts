import { expect, test } from "vitest";
import { startAttemptClock } from "./attempt-clock.ts";

const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

test("time spent waiting for a turn does not count", async () => {
  let ended = false;
  const clock = startAttemptClock(60, () => {
    ended = true;
  });
  await clock.without(wait(120));
  expect(ended).toBe(false);
  await wait(120);
  expect(ended).toBe(true);
});

test("several waits at once stop the time once", async () => {
  let ended = false;
  const clock = startAttemptClock(60, () => {
    ended = true;
  });
  await Promise.all([clock.without(wait(40)), clock.without(wait(100))]);
  expect(ended).toBe(false);
  clock.stop();
});

test("a stopped clock never ends anything", async () => {
  const clock = startAttemptClock(10, () => {
    throw new Error("ended");
  });
  clock.stop();
  await wait(30);
});
