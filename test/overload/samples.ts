import { existsSync, readFileSync } from "node:fs";

/** What the gateway's process saw of itself in a second. */
export type Sample = {
  /** Epoch milliseconds at its end. */
  at: number;
  rssMiB: number;
  heapMiB: number;
  /** Of one core; more than 1 when garbage is collected beside. */
  cpuShare: number;
  /** How late the event loop was, in milliseconds. */
  delayP50: number;
  delayP99: number;
  delayMost: number;
};

/** Samples taken in this time, in order. */
export function samplesIn(file: string, from: number, until: number): Sample[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").split("\n").filter(Boolean);
  return lines.map((line) => JSON.parse(line) as Sample).filter(({ at }) => at >= from && at <= until);
}

/** How fast values grow, by the straight line that fits best: how much a minute when there is one value a second. */
export function growthAMinute(values: readonly number[]): number {
  const middle = (values.length - 1) / 2;
  const mean = values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  let [above, below] = [0, 0];
  for (const [n, value] of values.entries()) {
    above += (n - middle) * (value - mean);
    below += (n - middle) ** 2;
  }
  return below === 0 ? 0 : (above / below) * 60;
}

export function medianOf(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0;
}
