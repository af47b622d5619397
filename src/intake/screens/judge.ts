import type { Screening, ScreeningReason } from "../../model/lead.ts";

/** Adds up what the screens found. Null when that is nothing. */
export function judge(findings: readonly (ScreeningReason | null)[]): Screening | null {
  const reasons = findings.filter((finding): finding is ScreeningReason => finding !== null);
  if (reasons.length === 0) return null;
  return { score: scoreOf(reasons), reasons };
}

export function scoreOf(reasons: readonly ScreeningReason[]): number {
  return reasons.reduce((sum, { points }) => sum + points, 0);
}
