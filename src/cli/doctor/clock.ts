import type { GuardedFetch } from "../../delivery/guarded-fetch.ts";
import type { Together } from "../../ledger/together.ts";
import type { CheckResult } from "../../model/destination.ts";

/** How far this machine's clock was behind (or, below zero, ahead of) each answer's `Date`. */
export type ClockWatch = { fetch: GuardedFetch; behindMs: readonly number[] };

const longMs = 60_000;
/** From here on tokens are refused: Google takes no signature that is five minutes off. */
const tooLongMs = 240_000;

/** Looks at the `Date` of every answer that comes through `fetch`, so that no other host has to be asked for the time. */
export function watchClock(fetch: GuardedFetch, now: () => number): ClockWatch {
  const behindMs: number[] = [];
  return {
    behindMs,
    async fetch(...request) {
      const before = now();
      const response = await fetch(...request);
      const at = Date.parse(response.headers.get("date") ?? "");
      // It counts whole seconds, and was written somewhere between question and answer.
      if (!Number.isNaN(at)) behindMs.push(at + 500 - (before + now()) / 2);
      return response;
    },
  };
}

/**
 * Compares this machine's clock with those of the destinations that were asked, and with the database's where several machines
 * work on it.
 */
export async function checkClock(
  { behindMs }: Pick<ClockWatch, "behindMs">,
  together: Together | null,
  now: () => number,
): Promise<CheckResult[]> {
  const results = [compared("clock", "the destinations'", behindMs)];
  if (together?.machines === "several") {
    const before = now();
    const storeAt = await together.change("lease", "doctor", (_, at) => ({ answer: at.now }));
    results.push(compared("clock and database", "the database's", [storeAt - (before + now()) / 2]));
  }
  return results;
}

function compared(what: string, whose: string, behindMs: readonly number[]): CheckResult {
  if (behindMs.length === 0) {
    return { what, result: "ok", detail: "could not be compared: no destination was asked over HTTP" };
  }
  // One clock may be wrong elsewhere; the middle one is trusted.
  const middle = behindMs.toSorted((a, b) => a - b)[Math.floor(behindMs.length / 2)] ?? 0;
  const off = Math.abs(middle);
  if (off < longMs) return { what, result: "ok", detail: `agrees with ${whose} to within ${seconds(off + 1_000)}` };
  const detail = `is ${seconds(off)} ${middle > 0 ? "behind" : "ahead of"} ${whose}`;
  const cure = "Set it by NTP: timedatectl set-ntp true";
  return { what, result: off < tooLongMs ? "warning" : "problem", detail, cure };
}

function seconds(ms: number): string {
  return ms < 120_000 ? `${Math.round(ms / 1_000)} s` : `${Math.round(ms / 60_000)} min`;
}
