import { setTimeout as wait } from "node:timers/promises";

/** What a drain came to: attempts settled meanwhile, and whether something may still be due. */
export type Drained = { attempts: number; more: boolean };

export type DrainOptions = {
  /** Sets the lanes to work; not called when they are at work anyway. */
  begin(): Promise<void>;
  /** Resolves when the lanes have finished what is under way. */
  end(): Promise<void>;
  /** True while lanes have work they can get to before `deadline`. */
  hasMore(deadline: number): Promise<boolean>;
  /** Attempts settled since the lanes were made. */
  settledCount(): number;
  /** Milliseconds that only ever go forward. */
  monotonic(): number;
};

const lookEveryMs = 50;

/**
 * Sets lanes to work for a while: until nothing is due, or the budget is over. Drains that overlap share the lanes, which stop
 * with the last of them.
 */
export function createDrain({ begin, end, hasMore, settledCount, monotonic }: DrainOptions) {
  let underWay = 0;
  let begun: Promise<void> | null = null;
  let ended: Promise<void> = Promise.resolve();

  return async function drain(budgetMs: number): Promise<Drained> {
    const deadline = monotonic() + budgetMs;
    const before = settledCount();
    underWay += 1;
    let more = true;
    try {
      begun ??= ended.then(begin);
      await begun;
      while (more && monotonic() < deadline) {
        more = await hasMore(deadline);
        if (more) await wait(Math.min(lookEveryMs, Math.max(0, deadline - monotonic())));
      }
    } finally {
      underWay -= 1;
      if (underWay === 0) {
        begun = null;
        ended = end();
      }
      await ended;
    }
    return { attempts: settledCount() - before, more };
  };
}
