import type { LeadTally } from "../../src/ledger/ledger.ts";
import { type FormSilence, rhythmMs, silences } from "../../src/watch/silence/silences.ts";

/** Traffic made by a known law, and what the watch for silence makes of it. */

export const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const lookMs = hourMs / 2;
const learnedDays = rhythmMs / dayMs;
/** A Monday, 0:00 UTC. */
export const monday = Date.UTC(2026, 0, 5);

/** How much of the traffic comes at a moment: 1 in the mean of a week. `hour` and `day` (0: Monday) are local. */
export type Season = (hour: number, day: number) => number;

export const seasons = {
  flat: () => 1,
  daily: (hour: number) => 1 + 0.9 * Math.sin(((hour - 8) / 24) * 2 * Math.PI),
  office: (hour: number, day: number) => scaled(day < 5 ? (hour >= 8 && hour < 18 ? 1 : 0.04) : 0.03, 0.32286),
  shop: (hour: number, day: number) =>
    scaled((hour >= 7 ? 0.4 + (hour >= 18 && hour < 22 ? 1.2 : 0) : 0.06) * (day >= 5 ? 1.5 : 1), 0.57238),
} satisfies Record<string, Season>;

function scaled(value: number, mean: number): number {
  return value / mean;
}

/** How traffic departs from a plain Poisson stream with a season. */
export type Weather = "poisson" | "bursts" | "uneven-days" | "campaigns" | "fading" | "growing" | "spam-wave";

export type Traffic = { perDay: number; season: Season; weather: Weather; random: () => number };

/** The moments leads come at from `from` on, for so many days, in order. */
export function leadTimes({ perDay, season, weather, random }: Traffic, days: number, from = monday): number[] {
  const times: number[] = [];
  const stepMs = hourMs / 2;
  let dayFactor = 1;
  for (let step = 0; step < days * 48; step++) {
    const at = from + step * stepMs;
    const day = Math.floor(step / 48);
    if (step % 48 === 0 && weather === "uneven-days") dayFactor = gammaShape3(random);
    const seasonal = season(Math.floor((step % 48) / 2), day % 7);
    const rate = (perDay / 48) * seasonal * dayFactor * strength(weather, day, days);
    const clusters = weather === "bursts" ? poisson(rate / 2, random) : poisson(rate, random);
    for (let n = 0; n < clusters; n++) {
      const begin = at + random() * stepMs;
      times.push(begin);
      // Clusters of two in the mean, within minutes.
      while (weather === "bursts" && random() < 0.5) times.push(begin + random() * 600_000);
    }
  }
  return times.sort((one, other) => one - other);
}

function strength(weather: Weather, day: number, days: number): number {
  if (weather === "campaigns") return day % 21 >= 18 ? 4 : 1;
  if (weather === "fading") return 1 - (0.6 * day) / days;
  if (weather === "growing") return 0.4 + (0.6 * day) / days;
  if (weather === "spam-wave") return day % 28 === 20 ? 30 : 1;
  return 1;
}

/** Forms by id, each with the moments its leads came at, in order. */
export type Site = ReadonlyMap<string, readonly number[]>;

/** What the watch says at every half hour, of tallies as a ledger would have counted them by then. */
export function* looks(site: Site, from: number, until: number, zone = "UTC"): Generator<[number, FormSilence[]]> {
  const tallies = [...site].flatMap(([form, times]) => tallied(form, times));
  tallies.sort((one, other) => one.hour - other.hour);
  let [oldest, next] = [0, 0];
  for (let now = from; now < until; now += lookMs) {
    while ((tallies[oldest]?.hour ?? now) < now - rhythmMs - hourMs) oldest++;
    while ((tallies[next]?.hour ?? now) < now) next++;
    // The hour that is under way counts with what has come of it: no test of the watch looks at how much that is.
    const known = tallies.slice(oldest, next);
    const lastLeadAt = new Map([...site].map(([form, times]) => [form, lastBefore(times, now)]));
    const begun = known.filter(({ form, hour }) => hour <= (lastLeadAt.get(form) ?? 0));
    yield [now, silences(begun, { now, zone, lastLeadAt })];
  }
}

function tallied(form: string, times: readonly number[]): LeadTally[] {
  const counts = new Map<number, number>();
  for (const time of times) {
    const hour = Math.floor(time / hourMs) * hourMs;
    counts.set(hour, (counts.get(hour) ?? 0) + 1);
  }
  return [...counts].map(([hour, count]) => ({ hour, form, source: "", count }));
}

/** The last of ordered moments up to this one; 0 when there is none. */
function lastBefore(times: readonly number[], now: number): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? 0) <= now) low = middle + 1;
    else high = middle;
  }
  return times[low - 1] ?? 0;
}

/** False alarms a form and month of thirty days, after eight weeks of learning: one for each gap in which there was one. */
export function falseAlarms(traffic: Traffic, forms: number, months = 1, zone?: string): number {
  const days = learnedDays + 30 * months;
  const site = new Map(Array.from({ length: forms }, (_, i) => [`form-${i}`, leadTimes(traffic, days)]));
  const gaps = new Set<string>();
  for (const [, silent] of looks(site, monday + rhythmMs, monday + days * dayMs, zone))
    for (const { form, lastLeadAt } of silent) gaps.add(`${form} ${lastLeadAt}`);
  return gaps.size / forms / months;
}

/** How long after a form stopped it was called silent: in hours, and in leads that would have come by its true rhythm. */
export type Delay = { hours: number; leads: number };

/** The delays of so many forms that stop at some moment of a week; infinite when three weeks were not enough. */
export function detectionDelays(traffic: Traffic, forms: number): Delay[] {
  const stops = new Map<string, number>();
  const site = new Map<string, number[]>();
  for (let i = 0; i < forms; i++) {
    const stop = monday + rhythmMs + traffic.random() * 7 * dayMs;
    stops.set(`form-${i}`, stop);
    site.set(
      `form-${i}`,
      leadTimes(traffic, learnedDays + 8).filter((time) => time < stop),
    );
  }
  const found = new Map<string, number>();
  for (const [now, silent] of looks(site, monday + rhythmMs, monday + rhythmMs + 28 * dayMs)) {
    for (const { form } of silent) if (now >= (stops.get(form) ?? 0) && !found.has(form)) found.set(form, now);
    if (found.size === forms) break;
  }
  return [...stops].map(([form, stop]) => delayOf(traffic, stop, found.get(form) ?? Number.POSITIVE_INFINITY));
}

function delayOf({ perDay, season }: Traffic, stop: number, at: number): Delay {
  if (at === Number.POSITIVE_INFINITY) return { hours: at, leads: at };
  const stepMs = hourMs / 12;
  let leads = 0;
  for (let time = stop; time < at; time += stepMs) {
    const day = Math.floor((time - monday) / dayMs);
    leads += (perDay / 288) * season(Math.floor((time % dayMs) / hourMs), day % 7);
  }
  return { hours: (at - stop) / hourMs, leads };
}

function poisson(mean: number, random: () => number): number {
  const limit = Math.exp(-mean);
  let n = 0;
  for (let product = random(); product > limit; product *= random()) n++;
  return n;
}

/** Mean 1, variance a third: days that differ by more than half in either direction. */
function gammaShape3(random: () => number): number {
  return -Math.log((1 - random()) * (1 - random()) * (1 - random())) / 3;
}

/** The value below which this share of the others lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

/** Draws from 0 up to 1, the same for the same seed: mulberry32, whose every bit is good enough for products of many draws. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
