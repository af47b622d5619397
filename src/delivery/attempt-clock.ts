/** Waiting for turns may take this long in all; a lease has to outlive it. */
export const longestTurnMs = 10_000;

/** Times one attempt. Waiting for a turn under the destination's pace does not count against its limit. */
export type AttemptClock = {
  /** Stops the attempt's time while `turn` is waited for. */
  without<T>(turn: Promise<T>): Promise<T>;
  stop(): void;
};

/** Calls `ended` when the attempt has used up `limitMs`, or `longestTurnMs` of waiting. */
export function startAttemptClock(limitMs: number, ended: () => void): AttemptClock {
  let left = limitMs;
  let turnsLeft = longestTurnMs;
  let waiting = 0;
  let since = performance.now();
  let timer = setTimeout(ended, left);

  function change(by: 1 | -1): void {
    const before = waiting;
    waiting += by;
    if (before > 0 && waiting > 0) return;
    const now = performance.now();
    if (before === 0) left -= now - since;
    else turnsLeft -= now - since;
    since = now;
    clearTimeout(timer);
    timer = setTimeout(ended, Math.max(0, waiting > 0 ? turnsLeft : left));
  }

  return {
    async without(turn) {
      change(1);
      try {
        return await turn;
      } finally {
        change(-1);
      }
    },
    stop: () => clearTimeout(timer),
  };
}
