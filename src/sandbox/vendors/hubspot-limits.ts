import type { HubSpotSettings } from "./hubspot-settings.ts";
import { rateLimit } from "./rate-limit.ts";

type Refused = { status: number; body: object };

const windowMs = 10_000;
const dayMs = 86_400_000;

/** HubSpot's limits, per https://developers.hubspot.com/docs/developer-tooling/platform/usage-guidelines (read 2026-11). */
export function newLimits(settings: HubSpotSettings, now: () => number) {
  let passed: number[] = [];
  const today = { day: Math.floor(now() / dayMs), calls: 0 };
  let searches = { most: settings.searchesPerSecond, pass: rateLimit(settings.searchesPerSecond, 1_000, now) };

  /** Counts a call. Search has a limit of its own and no headers. */
  function take(isSearch: boolean): { refusal: Refused | null; headers: Record<string, string> } {
    const time = now();
    const day = Math.floor(time / dayMs);
    if (day > today.day) Object.assign(today, { day, calls: 0 });
    passed = passed.filter((at) => time - at < windowMs);
    const { limits, callsPer10s, callsPerDay, searchesPerSecond } = settings;
    if (limits && today.calls >= callsPerDay) return { refusal: daily, headers: headers() };
    if (isSearch) {
      if (searches.most !== searchesPerSecond) {
        searches = { most: searchesPerSecond, pass: rateLimit(searchesPerSecond, 1_000, now) };
      }
      return { refusal: limits && !searches.pass() ? secondly : null, headers: {} };
    }
    if (limits && passed.length >= callsPer10s) return { refusal: tenSecondly, headers: headers() };
    passed.push(time);
    today.calls += 1;
    return { refusal: null, headers: headers() };
  }

  function headers(): Record<string, string> {
    return {
      "x-hubspot-ratelimit-max": String(settings.callsPer10s),
      "x-hubspot-ratelimit-remaining": String(Math.max(0, settings.callsPer10s - passed.length)),
      "x-hubspot-ratelimit-interval-milliseconds": String(windowMs),
      "x-hubspot-ratelimit-daily": String(settings.callsPerDay),
      "x-hubspot-ratelimit-daily-remaining": String(Math.max(0, settings.callsPerDay - today.calls)),
    };
  }

  return { take };
}

const tenSecondly = refusal("You have reached your ten_secondly_rolling limit.", "TEN_SECONDLY_ROLLING");
const daily = refusal("You have reached your daily limit.", "DAILY");
const secondly = refusal("You have reached your secondly limit.", "SECONDLY");

function refusal(message: string, policyName: string): Refused {
  return { status: 429, body: { status: "error", message, errorType: "RATE_LIMIT", policyName } };
}
