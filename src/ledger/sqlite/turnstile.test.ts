import { setImmediate as breathe } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { createTurnstile, turnstileBytes } from "./turnstile.ts";

function twoSides() {
  const shared = new SharedArrayBuffer(turnstileBytes);
  return [createTurnstile(shared, 1), createTurnstile(shared, 2)] as const;
}

describe("a turnstile between two threads", () => {
  test("lets one of them in at a time", () => {
    const [one, two] = twoSides();
    expect([one.take(), two.take(), two.take()]).toEqual([true, false, false]);
    one.release();
    expect([two.take(), one.take()]).toEqual([true, false]);
  });

  test("is handed to the one that waits, however soon the other comes again", async () => {
    const [one, two] = twoSides();
    one.take();
    expect(two.take()).toBe(false);
    const itsTurn = two.wait();
    one.release();
    expect(one.take()).toBe(false);
    await itsTurn;
    expect(two.take()).toBe(true);
  });

  test("stays with whoever comes again while nobody waits", () => {
    const [one] = twoSides();
    for (let i = 0; i < 3; i++) {
      expect(one.take()).toBe(true);
      one.release();
    }
  });

  test("neither starves: under steady demand both get as many turns", async () => {
    const sides = twoSides();
    const turns: [number, number] = [0, 0];
    async function demand(who: 0 | 1) {
      while (turns[0] + turns[1] < 400) {
        while (!sides[who].take()) await sides[who].wait();
        turns[who] += 1;
        await breathe();
        sides[who].release();
      }
    }
    await Promise.all([demand(0), demand(1)]);
    expect(Math.abs(turns[0] - turns[1])).toBeLessThan(20);
  });

  test("opens for good when the other thread is gone, whatever it held", async () => {
    const [one, two] = twoSides();
    two.take();
    expect(one.take()).toBe(false);
    const waiting = one.wait();
    one.alone();
    await waiting;
    expect(one.take()).toBe(true);
    one.release();
    expect(one.take()).toBe(true);
  });
});
