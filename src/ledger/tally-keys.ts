import { idTime, type LeadId } from "../model/id.ts";
import { waitBounds } from "./ledger.ts";

/** By what the stores count leads and attempts. */

const hourMs = 3_600_000;
/** What a page's address says is not ours to bound; what is counted by is. */
const longestSource = 100;

/** The start of the hour a moment lies in. */
export function hourOf(at: number): number {
  return Math.floor(at / hourMs) * hourMs;
}

/** What names a person rather than a campaign: an address, or a number as long as a telephone's. */
const personal = /@|%40|\d(?:[\s().-]?\d){6}/i;

/**
 * The `utm_source` leads are counted by: "" when there is none, and not longer than a hundred characters. Counts outlive an
 * erasure, so a link made for one person is counted among `(other)`.
 */
export function sourceOf(utmSource: string | undefined): string {
  const source = utmSource?.slice(0, longestSource) ?? "";
  return personal.test(source) ? "(other)" : source;
}

/** The bound of `waitBounds` within which a lead arrived that did so at this moment; 0 beyond the last. */
export function waitOf(leadId: LeadId, at: number): number {
  return waitBounds.find((bound) => at - idTime(leadId) <= bound) ?? 0;
}
