import type { LedgerUnavailable } from "../../model/errors.ts";

const shortestMs = 100;
const longestMs = 2_000;

/**
 * Keeps a database that is gone from being asked by everyone at once: until some time has passed all are refused without a
 * wait, then one may try, and only when that succeeds the others may too. `now`: milliseconds that only go forward.
 */
export function createAvailability(now: () => number) {
  let failure: LedgerUnavailable | null = null;
  let waitMs = 0;
  let tryAt = 0;

  return {
    /** @throws {LedgerUnavailable} of the last failure while it is not this one's turn to try */
    check(): void {
      if (!failure) return;
      if (now() < tryAt) throw failure;
      tryAt = now() + longestMs;
    },
    succeeded(): void {
      failure = null;
      waitMs = 0;
    },
    failed(error: LedgerUnavailable): void {
      failure = error;
      waitMs = Math.min(longestMs, Math.max(shortestMs, waitMs * 2));
      tryAt = now() + waitMs;
    },
  };
}
