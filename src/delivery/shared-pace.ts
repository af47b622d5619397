import { setTimeout as sleep } from "node:timers/promises";
import type { Together } from "../ledger/together.ts";
import type { Pace } from "../model/destination.ts";
import { sharedKnowledge } from "./knowledge.ts";
import { type Bucket, fullBucket, nextTokenAt, type Pacer, refill, refillRate, take } from "./pace.ts";

type Call = { go(): void; refuse(error: unknown): void };

/** Tokens drawn are used soon or not at all: within a tenth of the interval, between these bounds. */
const shortestKeepMs = 100;
const longestKeepMs = 500;
/** An answer that took so long is of a machine or a store that stood still: its tokens are others' by now. */
const tooLateMs = 1_000;

/**
 * A pacer whose bucket all machines draw from, so that together they keep to `pace`. Tokens are drawn several at a time, as
 * many as calls wait and were let through of the last draw: a busy lane asks the store some times a second, not once a call.
 */
export function createSharedPacer(
  pace: Pace,
  { together, destination, monotonic }: { together: Together; destination: string; monotonic(): number },
): Pacer {
  const keepMs = Math.min(Math.max(pace.intervalMs / 10, shortestKeepMs), longestKeepMs);
  // Calls of an interval may use tokens drawn `keepMs` before it, so the limit has to hold for an interval that much longer.
  const strict: Pace = { ...pace, intervalMs: pace.intervalMs + keepMs };
  /** What comes in while tokens are kept: no more are drawn ahead, or waited for. */
  const most = Math.min(Math.floor(refillRate(strict) * keepMs), fullBucket(strict, 0).tokens - 1);
  const known = sharedKnowledge(
    { together, kind: "pace", of: destination },
    (now) => noteOf(fullBucket(strict, now)),
    monotonic,
  );
  const waiting = new Set<Call>();
  let drawn = { left: 0, until: 0, used: 0 };
  let serving = false;

  const bucketAt = (now: number): Bucket => refill({ pace: strict, ...known.last() }, now);

  function left(): number {
    return monotonic() < drawn.until ? drawn.left : 0;
  }

  /** With what the bucket holds, as last heard of it. */
  function inAll(): number {
    return left() + Math.max(0, Math.floor(bucketAt(known.now()).tokens));
  }

  /** What waits, and while the lane is busy as much again as the last draw was good for. */
  function wanted(): number {
    const isBusy = monotonic() < drawn.until + keepMs;
    return waiting.size + (isBusy ? Math.min(drawn.used, most) : 0);
  }

  /** Draws what is wanted, or what is there of it. */
  async function draw(): Promise<void> {
    const askedAt = monotonic();
    const want = wanted();
    let got = 0;
    await known.change((note, now) => {
      const bucket = refill({ pace: strict, ...note }, now);
      got = Math.max(0, Math.min(want, Math.floor(bucket.tokens)));
      return got === 0 ? note : noteOf(take(bucket, got));
    });
    if (got === 0) return;
    const at = monotonic();
    // Calls that wait go also when the store was slow to answer.
    drawn = { left: at - askedAt < tooLateMs ? got : 0, until: Math.max(askedAt + keepMs, at + 5), used: 0 };
  }

  function letThrough(): void {
    for (const call of waiting) {
      if (left() < 1) return;
      drawn = { ...drawn, left: drawn.left - 1, used: drawn.used + 1 };
      waiting.delete(call);
      call.go();
    }
  }

  /** Until several tokens are there, when several are wanted: machines that look for each single one would look all the time. */
  function waitMs(): number {
    const bucket = bucketAt(known.now());
    const enough = Math.max(0, Math.min(wanted() - 1, most));
    return Math.max(1, nextTokenAt({ ...bucket, tokens: bucket.tokens - enough }) - known.now());
  }

  async function serve(): Promise<void> {
    if (serving) return;
    serving = true;
    try {
      for (;;) {
        letThrough();
        if (waiting.size === 0) return;
        await draw();
        if (left() < 1) await sleep(waitMs());
      }
    } catch (error) {
      for (const call of waiting) call.refuse(error);
      waiting.clear();
    } finally {
      serving = false;
    }
  }

  return {
    async available() {
      if (waiting.size > 0) return 0;
      await known.read();
      return inAll();
    },
    left: () => (waiting.size > 0 ? 0 : inAll()),
    nextAt: () => monotonic() + Math.max(1, nextTokenAt(bucketAt(known.now())) - known.now()),
    take: (signal) =>
      new Promise<void>((go, refuse) => {
        if (signal.aborted) return refuse(signal.reason);
        const call: Call = { go: done(go), refuse: done(refuse) };
        const leave = (): void => {
          waiting.delete(call);
          refuse(signal.reason);
        };
        function done<Answer extends unknown[]>(answer: (...given: Answer) => void): (...given: Answer) => void {
          return (...given) => {
            signal.removeEventListener("abort", leave);
            answer(...given);
          };
        }
        signal.addEventListener("abort", leave, { once: true });
        waiting.add(call);
        serve();
      }),
    correct(remaining) {
      if (drawn.left > remaining) drawn = { ...drawn, left: Math.max(0, remaining) };
      if (bucketAt(known.now()).tokens <= remaining) return;
      const corrected = known.change((note, now) => {
        const bucket = refill({ pace: strict, ...note }, now);
        return bucket.tokens <= remaining ? note : noteOf({ ...bucket, tokens: remaining });
      });
      // The next answer says it again.
      Promise.resolve(corrected).catch(() => {});
    },
  };
}

function noteOf({ tokens, at }: Bucket): { tokens: number; at: number } {
  return { tokens, at };
}
