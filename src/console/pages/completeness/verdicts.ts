import type { Standing, Verdict } from "../../api/types.ts";

/** In the order in which they are shown. */
export const verdictOrder = [
  "seen",
  "believed",
  "recent",
  "waiting",
  "withheld",
  "cancelled",
  "erased",
  "unknown",
  "dead",
  "missing",
  "never",
] as const satisfies readonly Verdict[];

/** Those that somebody has to see to. */
export const openVerdicts: ReadonlySet<Verdict> = new Set(["missing", "unknown", "dead"]);

/** How many of a standing's leads have a verdict, whatever the reason. */
export function countOf({ verdicts }: Pick<Standing, "verdicts">, wanted: Verdict): number {
  return verdicts.filter(({ verdict }) => verdict === wanted).reduce((sum, { count }) => sum + count, 0);
}

/** The verdicts that occur at all. */
export function verdictsIn(standings: readonly Pick<Standing, "verdicts">[]): Verdict[] {
  return verdictOrder.filter((verdict) => standings.some((standing) => countOf(standing, verdict) > 0));
}

/** One stretch of a bar; `share` of those that were meant for the destination, in per cent. */
export type Stretch = { verdict: Verdict; count: number; share: number };

/** Leads that were never meant for a destination are no part of its bar. A stretch is never too small to be seen. */
export function stretchesOf(standing: Pick<Standing, "verdicts">): Stretch[] {
  const counted = verdictOrder
    .filter((verdict) => verdict !== "never")
    .map((verdict) => ({ verdict, count: countOf(standing, verdict) }))
    .filter(({ count }) => count > 0);
  const total = counted.reduce((sum, { count }) => sum + count, 0);
  const shares = counted.map((one) => ({ ...one, share: Math.max(leastShare, (one.count / total) * 100) }));
  const sum = shares.reduce((all, { share }) => all + share, 0);
  return shares.map((one) => ({ ...one, share: (one.share / sum) * 100 }));
}

const leastShare = 1.5;
