/** Those who are being answered, in the order they came. */
export type WaitingLine = {
  /** True when the first in line has waited so long that one more would only make it longer: turn them away. */
  isLong(): boolean;
  /** One whose submission is here as a whole. The result takes it off the line. */
  enter(): () => void;
};

/**
 * Measures a crowd by how long it waits, not by how many it is: that says the same on a slow machine as on a fast one. What is taken in
 * is answered about as soon as the first in line was; what comes on top is better off being told to come again.
 */
export function createWaitingLine(longestMs: number, monotonic: () => number = () => performance.now()): WaitingLine {
  const since = new Map<symbol, number>();

  return {
    isLong() {
      const [first] = since.values();
      return first !== undefined && monotonic() - first > longestMs;
    },
    enter() {
      const one = Symbol();
      since.set(one, monotonic());
      return () => void since.delete(one);
    },
  };
}
