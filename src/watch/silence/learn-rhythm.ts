import { hoursAWeek } from "./week-hours.ts";

/** A form's own rhythm, as learned from what it has sent. */
export type Rhythm = {
  /** Leads to be expected in each hour of the week, Monday 0:00 first. */
  hours: Float64Array;
  /** What has been coming lately, as a share of that; never above 1, since a campaign that ends is no silence. */
  level: number;
  /** How many leads count as one piece of evidence: 1 when they come independently, more when they come in bursts. */
  clump: number;
  /** How many expected leads `level` rests on, and so how sure it is. */
  memory: number;
};

/** A form's leads by hour, without gaps. `weekHour`: the hour of the week of each. */
export type HourlyCounts = { counts: Float64Array; weekHour: Uint8Array };

/** Hours lose half their say on the shape of a week in this time: four weeks. */
const halfLifeHours = 28 * 24;
/** Leads' worth of doubt whether an hour, a day, or one hour of one day differs from the rest at all. */
const doubt = { hour: 2, day: 2, cell: 8 };
/** Expected leads after which an earlier one has lost two thirds of its say on the level. */
const levelMemory = 30;
/** Quiet times of more expected leads than this show how leads clump, after `clumpDoubt` of them that say they do not. */
const longQuiet = 1.5;
const clumpDoubt = 8;
/** One outage in the record is not to make the next one last longer. */
const longestExcess = 8;

/**
 * Learns a rhythm from whole hours, the last of which had leads. Rates are a mean times a factor for the hour of the day, one for
 * the day of the week, and one for the very hour of the week, each held towards 1 by a Gamma prior, so that a form with few leads
 * is given no pattern it has not shown.
 */
export function learnRhythm({ counts: sent, weekHour }: HourlyCounts): Rhythm {
  const counts = withoutSpikes(sent);
  const hours = weeklyRates(counts, weekHour);
  return { hours, ...recentLevel(counts, weekHour, hours) };
}

/** Counts cut at a few times what an hour with leads usually has: a wave of spam or a newsletter teaches no rhythm. */
function withoutSpikes(counts: Float64Array): Float64Array {
  const busy = counts.filter((count) => count > 0).sort();
  const most = 2 + 4 * (busy[busy.length >> 1] ?? 0);
  return counts.map((count) => Math.min(count, most));
}

function weeklyRates(counts: Float64Array, weekHour: Uint8Array): Float64Array {
  const leads = new Float64Array(hoursAWeek);
  const exposure = new Float64Array(hoursAWeek);
  const fade = 2 ** (-1 / halfLifeHours);
  for (let i = counts.length - 1, weight = 1; i >= 0; i--, weight *= fade) {
    const hour = weekHour[i] ?? 0;
    leads[hour] = at(leads, hour) + weight * at(counts, i);
    exposure[hour] = at(exposure, hour) + weight;
  }
  const mean = sum(leads) / sum(exposure);
  const expected = exposure.map((weight) => weight * mean);
  const rates = new Float64Array(hoursAWeek).fill(mean);
  for (const [group, pull] of [
    [(hour: number) => hour % 24, doubt.hour],
    [(hour: number) => Math.floor(hour / 24), doubt.day],
    [(hour: number) => hour, doubt.cell],
  ] as const) {
    const seen = new Float64Array(hoursAWeek);
    const awaited = new Float64Array(hoursAWeek);
    for (let hour = 0; hour < hoursAWeek; hour++) {
      seen[group(hour)] = at(seen, group(hour)) + at(leads, hour);
      awaited[group(hour)] = at(awaited, group(hour)) + at(expected, hour);
    }
    for (let hour = 0; hour < hoursAWeek; hour++) {
      const factor = (at(seen, group(hour)) + pull) / (at(awaited, group(hour)) + pull);
      rates[hour] = at(rates, hour) * factor;
      expected[hour] = at(expected, hour) * factor;
    }
  }
  return rates;
}

/**
 * Walks through the record as it came about: how the level moved, and how quiet times ended, in leads that were then to be
 * expected. Of leads that come independently, a quiet time goes on for one more expected lead in the mean, however long it has been
 * already; how much more it is in truth is the clump.
 */
function recentLevel(
  counts: Float64Array,
  weekHour: Uint8Array,
  hours: Float64Array,
): Pick<Rhythm, "level" | "clump" | "memory"> {
  let [came, awaited] = [levelMemory, levelMemory];
  let [endings, waited] = [clumpDoubt, clumpDoubt];
  let [quiet, excess] = [0, 0];
  for (let i = 0; i < counts.length; i++) {
    const rate = at(hours, weekHour[i] ?? 0);
    const count = at(counts, i);
    const missed = rate * Math.min(1, came / awaited);
    const isLong = quiet > longQuiet;
    if (count === 0) {
      quiet += missed;
      if (isLong) excess += missed;
    } else {
      if (isLong) {
        endings += 1;
        waited += Math.min(excess + untilFirst(missed), longestExcess);
      }
      [quiet, excess] = [0, 0];
    }
    const kept = Math.exp(-rate / levelMemory);
    came = came * kept + count;
    awaited = awaited * kept + rate;
  }
  return { level: Math.min(1, came / awaited), clump: Math.max(1, waited / endings), memory: awaited };
}

/** How far into an hour of so many expected leads its first one comes, in expected leads: tallies know no minutes. */
function untilFirst(rate: number): number {
  return rate < 1e-6 ? 0 : 1 - rate / Math.expm1(rate);
}

/** With typed arrays an index in range always has a value. */
function at(values: Float64Array, index: number): number {
  return values[index] ?? 0;
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}
