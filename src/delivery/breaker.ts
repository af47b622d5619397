/**
 * What a lane remembers of a destination's health. Closed: all may go. Open (`probeAt` set): the destination is taken to be
 * down, and only one probe at a time goes out, from `probeAt` on; what waits uses up no attempts.
 */
export type Breaker = {
  /** Different deliveries that failed since the last success, the first few of them; one poisonous lead alone never opens the breaker. */
  failed: string[];
  failures: number;
  probeAt: number | null;
  /** The wait before the next probe. */
  waitMs: number;
};

/** Consecutive failures, over at least `fewestDeliveries` different ones, that open it. */
const threshold = 5;
const fewestDeliveries = 3;
const shortestWaitMs = 1_000;
const longestWaitMs = 30_000;

export const closedBreaker: Breaker = { failed: [], failures: 0, probeAt: null, waitMs: shortestWaitMs };

/** The breaker after an attempt failed with the destination at fault. */
export function afterFailure(breaker: Breaker, deliveryId: string, now: number): Breaker {
  const failures = breaker.failures + 1;
  // What was under way when it opened, such as the other leads of one batch, is no failed probe.
  if (breaker.probeAt !== null && now < breaker.probeAt) return { ...breaker, failures };
  if (breaker.probeAt !== null) {
    return { ...breaker, failures, probeAt: now + breaker.waitMs, waitMs: Math.min(breaker.waitMs * 2, longestWaitMs) };
  }
  const known = breaker.failed.length >= fewestDeliveries || breaker.failed.includes(deliveryId);
  const failed = known ? breaker.failed : [...breaker.failed, deliveryId];
  const opens = failures >= threshold && failed.length >= fewestDeliveries;
  return opens
    ? { failed, failures, probeAt: now + shortestWaitMs, waitMs: shortestWaitMs * 2 }
    : { ...breaker, failed, failures };
}
