import type { ClaimRequest } from "./ledger.ts";

/**
 * When deliveries are due, whatever the clock did since their time was written. Times are epoch milliseconds.
 *
 * Nothing makes a new delivery due later on purpose: if its time lies ahead, the clock was ahead when it was written. And a
 * retry that waits for longer than any can was put off by such a clock, too.
 */
export type DueBy = Pick<ClaimRequest, "now" | "longestWaitMs">;

/** Later than any time that is written. */
export const endOfTime = Number.MAX_SAFE_INTEGER;

/** No retry waits until after this. */
export function latestWait({ now, longestWaitMs = Number.POSITIVE_INFINITY }: DueBy): number {
  return Math.min(now + longestWaitMs, endOfTime);
}

/** Whether a pending delivery may be attempted now. `retry`: 1 when it was put off, 0 when it is new. */
export function isDue({ retry, dueAt }: { retry: 0 | 1; dueAt: number }, by: DueBy): boolean {
  return retry === 0 || dueAt <= by.now || dueAt > latestWait(by);
}

/** Times of a destination's pending deliveries: the earliest among the new ones (`fresh`), the earliest and the last among the retries. */
export type DueTimes = { fresh: number | null; retry: number | null; last: number | null };

/** When the first of them is due; null when there is none. Without `by` the times are believed. */
export function nextDueOf({ fresh, retry, last }: DueTimes, by?: DueBy): number | null {
  if (by && fresh !== null && fresh > by.now) return nextDueOf({ fresh: by.now, retry, last }, by);
  if (by && retry !== null && retry > by.now && last !== null && last > latestWait(by)) return by.now;
  return fresh === null || retry === null ? (fresh ?? retry) : Math.min(fresh, retry);
}
