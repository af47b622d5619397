import { setTimeout as sleep } from "node:timers/promises";
import type { Pace } from "../model/destination.ts";

/** A token bucket that never lets more than `limit` calls out in any `intervalMs`. */
export type Bucket = { pace: Pace; tokens: number; at: number };

/** A full bucket. */
export function fullBucket(pace: Pace, now: number): Bucket {
  return { pace, tokens: burst(pace), at: now };
}

/** The bucket as it stands at `now`. */
export function refill(bucket: Bucket, now: number): Bucket {
  const { pace, tokens, at } = bucket;
  const earned = Math.max(0, now - at) * refillRate(pace) || 0;
  return { pace, tokens: Math.min(burst(pace), tokens + earned), at: Math.max(at, now) };
}

/** When a whole token is there; `bucket.at` when it already is. */
export function nextTokenAt({ pace, tokens, at }: Bucket): number {
  return tokens >= 1 ? at : at + Math.ceil((1 - tokens) / refillRate(pace));
}

/** The bucket after `count` calls. */
export function take(bucket: Bucket, count: number): Bucket {
  return { ...bucket, tokens: bucket.tokens - count };
}

/** So many may go at once; the rest of the limit is the refill, so that both together stay within it. */
function burst({ limit, burst = Math.floor(limit / 10) }: Pace): number {
  return Math.max(1, Math.min(burst, limit));
}

/** Tokens per millisecond. A limit of one leaves nothing after the burst, so it refills at half its rate. */
export function refillRate(pace: Pace): number {
  return Math.max(pace.limit - burst(pace), 0.5) / pace.intervalMs;
}

/** Lets calls through as the bucket allows, in the order they asked. */
export type Pacer = {
  /** Whole tokens left; 0 while calls wait. A promise when the pace is shared and others have to be asked. */
  available(): number | Promise<number>;
  /** The same without asking: of a shared pace, as last heard. */
  left(): number;
  /** When `available` is next at least one, by the lane's own clock. */
  nextAt(): number;
  /** Resolves when the call may go; rejects with the signal's reason when that is aborted first. */
  take(signal: AbortSignal): Promise<void>;
  /** Takes over what the destination says is left of its limit, when that is less than we thought. */
  correct(remaining: number): void;
};

/** A pacer that keeps to `pace`. */
export function createPacer(pace: Pace, now: () => number): Pacer {
  let bucket = fullBucket(pace, now());
  let last = Promise.resolve();
  let waiting = 0;

  async function next(signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      bucket = refill(bucket, now());
      if (bucket.tokens >= 1) break;
      await sleep(Math.max(0, nextTokenAt(bucket) - now()), undefined, { signal });
    }
    bucket = take(bucket, 1);
  }

  function left(): number {
    bucket = refill(bucket, now());
    return waiting > 0 ? 0 : Math.max(0, Math.floor(bucket.tokens));
  }

  return {
    available: left,
    left,
    nextAt: () => Math.max(nextTokenAt(bucket), now() + 1),
    take(signal) {
      waiting += 1;
      const turn = last.then(() => next(signal));
      last = turn.then(
        () => {
          waiting -= 1;
        },
        () => {
          waiting -= 1;
        },
      );
      return turn;
    },
    correct(remaining) {
      bucket = { ...refill(bucket, now()), tokens: Math.min(bucket.tokens, remaining) };
    },
  };
}
