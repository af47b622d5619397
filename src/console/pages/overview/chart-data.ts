import type { Overview } from "../../api/types.ts";
import { dayOf } from "../leads/filter.ts";

export type Split = "form" | "source";
/** One colour of the bars. `value`: the form or source it stands for; null for all the others together. */
export type Series = { key: string; value: string | null; total: number };
/** One bar: its day where the viewer is (`YYYY-MM-DD`), and how many leads of each series. */
export type Bar = { day: string; total: number } & Record<`s${number}`, number>;

/** So many have a colour of their own; the rest share the last. */
const colours = 6;

/** Leads day by day, in the viewer's own days, split by form or source; the most frequent first. Days without leads are there too. */
export function chartData({ tallies, since, until }: Pick<Overview, "tallies" | "since" | "until">, split: Split) {
  const totals = new Map<string, number>();
  for (const tally of tallies) totals.set(tally[split], (totals.get(tally[split]) ?? 0) + tally.count);
  const series = seriesFor([...totals].sort(([, one], [, other]) => other - one));
  const seriesOf = new Map(series.flatMap(({ key, value }) => (value === null ? [] : [[value, key as `s${number}`]])));

  const bars = new Map<string, Bar>(daysFrom(since, until).map((day) => [day, { day, total: 0 }]));
  for (const tally of tallies) {
    const bar = bars.get(dayOf(new Date(tally.hour)));
    if (!bar) continue;
    const key = seriesOf.get(tally[split]) ?? `s${colours - 1}`;
    bar[key] = (bar[key] ?? 0) + tally.count;
    bar.total += tally.count;
  }
  return { series, bars: [...bars.values()] };
}

function seriesFor(totals: [value: string, total: number][]): Series[] {
  const own = totals.length > colours ? totals.slice(0, colours - 1) : totals;
  const rest = totals.slice(own.length).reduce((sum, [, total]) => sum + total, 0);
  const series: Series[] = own.map(([value, total], index) => ({ key: `s${index}`, value, total }));
  return rest > 0 ? [...series, { key: `s${colours - 1}`, value: null, total: rest }] : series;
}

function daysFrom(since: string, until: string): string[] {
  const days: string[] = [];
  const last = dayOf(new Date(until));
  const day = new Date(since);
  // Noon: a day that begins or ends summer time is a day all the same.
  day.setHours(12, 0, 0, 0);
  while (days.at(-1) !== last && days.length < 400) {
    days.push(dayOf(day));
    day.setDate(day.getDate() + 1);
  }
  return days;
}
