import type { CheckResult, Destination, ToolContext } from "../model/destination.ts";
import { NetworkError } from "../model/network-error.ts";
import type { GuardedFetch } from "./guarded-fetch.ts";

/** Longest the checks of one destination may take. */
const longestMs = 60_000;

/** What checks and set-ups work with, on the guarded network. */
export function toolContext(fetch: GuardedFetch, now: () => number): ToolContext {
  const signal = AbortSignal.timeout(longestMs);
  return { signal, now, fetch: (url, init) => fetch(url, { ...init, signal: init?.signal ?? signal }, () => {}) };
}

/** Looks, without changing anything, whether a destination is ready for leads. One that cannot be reached is a finding. */
export async function checkDestination(destination: Destination, context: ToolContext): Promise<CheckResult[]> {
  if (!destination.check) {
    const detail = "can only be tried by sending it a lead";
    return [{ what: destination.label, result: "warning", detail }];
  }
  try {
    return await destination.check(context);
  } catch (error) {
    if (!(error instanceof NetworkError)) throw error;
    const cure = "See that this machine reaches it, and that its address is right.";
    return [{ what: destination.label, result: "problem", detail: `cannot be reached: ${error.message}`, cure }];
  }
}
