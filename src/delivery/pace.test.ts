import fc from "fast-check";
import { expect, test } from "vitest";
import { createPacer, fullBucket, nextTokenAt, refill, take } from "./pace.ts";

const paces = fc.record({
  limit: fc.integer({ min: 2, max: 300 }),
  intervalMs: fc.integer({ min: 100, max: 20_000 }),
  share: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
});

test("no interval of any length of traffic ever sees more calls than its limit", () => {
  fc.assert(
    fc.property(paces, ({ limit, intervalMs, share }) => {
      const burst = share === null ? {} : { burst: Math.ceil(share * (limit - 1)) };
      let bucket = fullBucket({ limit, intervalMs, ...burst }, 0);
      const calls: number[] = [];
      let now = 0;
      while (calls.length < limit * 3) {
        bucket = refill(bucket, now);
        if (bucket.tokens < 1) {
          now = nextTokenAt(bucket);
          continue;
        }
        bucket = take(bucket, 1);
        calls.push(now);
      }
      for (const [i, at] of calls.entries()) {
        const inWindow = calls.filter((other, j) => j >= i && other < at + intervalMs).length;
        expect(inWindow).toBeLessThanOrEqual(limit);
      }
    }),
    { numRuns: 40 },
  );
});

test("a paced lane comes near its limit", () => {
  let bucket = fullBucket({ limit: 100, intervalMs: 1_000 }, 0);
  let calls = 0;
  for (let now = 0; now < 10_000; ) {
    bucket = refill(bucket, now);
    if (bucket.tokens < 1) {
      now = nextTokenAt(bucket);
    } else {
      bucket = take(bucket, 1);
      calls += 1;
    }
  }
  expect(calls).toBeGreaterThan(850);
});

test("a clock set back earns nothing and breaks nothing", () => {
  const bucket = take(fullBucket({ limit: 10, intervalMs: 1_000 }, 5_000), 1);
  expect(refill(bucket, 1_000)).toMatchObject({ tokens: 0, at: 5_000 });
});

test("a pacer lets calls go in the order they asked, none before its token is there", async () => {
  const pacer = createPacer({ limit: 40, intervalMs: 200 }, Date.now);
  const { signal } = new AbortController();
  const begun = Date.now();
  const order: number[] = [];
  await Promise.all(Array.from({ length: 40 }, (_, i) => pacer.take(signal).then(() => order.push(i))));
  expect(order).toEqual(Array.from({ length: 40 }, (_, i) => i));
  expect(Date.now() - begun).toBeGreaterThanOrEqual(195);
});

test("a call whose time is up leaves the queue and holds up nobody", async () => {
  const pacer = createPacer({ limit: 2, intervalMs: 400 }, Date.now);
  const impatient = new AbortController();
  const { signal } = new AbortController();
  await pacer.take(signal);
  const given = pacer.take(impatient.signal);
  const next = pacer.take(signal);
  impatient.abort();
  await expect(given).rejects.toThrow();
  await next;
  expect(pacer.available()).toBe(0);
});

test("a destination's own word on what is left corrects the count downward only", () => {
  const pacer = createPacer({ limit: 100, intervalMs: 1_000 }, () => 0);
  pacer.correct(3);
  expect(pacer.available()).toBe(3);
  pacer.correct(50);
  expect(pacer.available()).toBe(3);
});
