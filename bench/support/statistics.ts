/** The middle value; the mean of the two middle ones when there is an even number. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** The value that all but the hundredth part do not pass. */
export function p99(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * 0.99) - 1] ?? Number.NaN;
}

/** A figure and how far its rounds lay apart. `rounds`: all of them, in the order they were measured. */
export type Figure = { median: number; min: number; max: number; rounds?: readonly number[] };

export function figureOf(rounds: readonly number[]): Figure {
  return { median: median(rounds), min: Math.min(...rounds), max: Math.max(...rounds), rounds };
}

/** Ours over the baseline, round by round. */
export function ratioOf(ours: readonly number[], baseline: readonly number[]): Figure {
  return figureOf(ours.map((value, i) => value / (baseline[i] ?? value)));
}
