import { type Screening, type ScreeningReason, screeningOf } from "../../model/lead.ts";

/** Adds up what the screens found. Null when that is nothing. */
export function judge(findings: readonly (ScreeningReason | null)[]): Screening | null {
  const reasons = findings.filter((finding): finding is ScreeningReason => finding !== null);
  return reasons.length === 0 ? null : screeningOf(reasons);
}
