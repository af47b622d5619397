import { rateLimit } from "./rate-limit.ts";

type GateSettings = { limits: boolean; requestsPer2s: number; searchesPer2s: number; edgePatience: number };

/** One token's limits: so many requests and searches in any 2 seconds; who goes on after a 429 meets the edge. */
export function newGate(settings: GateSettings, now: () => number) {
  const windowMs = 2_000;
  const edgeMs = 60_000;
  const passRequest = rateLimit(settings.requestsPer2s, windowMs, now);
  const passSearch = rateLimit(settings.searchesPer2s, windowMs, now);
  let passed: number[] = [];
  let refused: number[] = [];
  let closedUntil = 0;
  return {
    pass(isSearch: boolean): "yes" | "no" | "edge" {
      if (!settings.limits) return "yes";
      const at = now();
      if (at < closedUntil) return "edge";
      if (passRequest() && (!isSearch || passSearch())) {
        passed = [...passed.filter((time) => at - time < windowMs), at];
        return "yes";
      }
      refused = [...refused.filter((time) => at - time < windowMs), at];
      if (refused.length > settings.edgePatience) closedUntil = at + edgeMs;
      return "no";
    },
    left: () => Math.max(0, settings.requestsPer2s - passed.filter((time) => now() - time < windowMs).length),
  };
}
