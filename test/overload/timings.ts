/** How long things took, counted by the millisecond, so that those of several processes can be added up. */
export type Timings = { counts: number[]; longestMs: number };

export type Quantiles = { count: number; p50: number; p99: number; most: number };

/** Longer than anything is waited for. */
const mostMs = 60_000;

export function noTimings(): Timings {
  return { counts: [], longestMs: 0 };
}

export function addTiming(timings: Timings, tookMs: number): void {
  const at = Math.min(mostMs, Math.max(0, Math.round(tookMs)));
  while (timings.counts.length <= at) timings.counts.push(0);
  timings.counts[at] = (timings.counts[at] ?? 0) + 1;
  timings.longestMs = Math.max(timings.longestMs, tookMs);
}

export function sumOf(all: readonly Timings[]): Timings {
  const length = Math.max(0, ...all.map(({ counts }) => counts.length));
  return {
    counts: Array.from({ length }, (_, at) => all.reduce((sum, { counts }) => sum + (counts[at] ?? 0), 0)),
    longestMs: Math.max(0, ...all.map(({ longestMs }) => longestMs)),
  };
}

/** In milliseconds. All 0 when nothing was timed. */
export function quantilesOf({ counts, longestMs }: Timings): Quantiles {
  const count = counts.reduce((sum, each) => sum + each, 0);
  return { count, p50: quantile(counts, count, 0.5), p99: quantile(counts, count, 0.99), most: Math.round(longestMs) };
}

function quantile(counts: readonly number[], count: number, share: number): number {
  let below = 0;
  for (const [ms, each] of counts.entries()) {
    below += each;
    if (below > 0 && below >= share * count) return ms;
  }
  return 0;
}
