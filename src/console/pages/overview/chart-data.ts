import type { Overview } from "../../api/types.ts";
import { dayOf } from "../leads/filter.ts";

export type Split = "form" | "source";
/** One colour of the bars. `value`: the form or source it stands for; null for all the others together. */
export type Series = { key: string; value: string | null; total: number };
/** One bar: its day where the viewer is (`YYYY-MM-DD`), and how many leads of each series. */
export type Bar = { day: string; total: number } & Record<`s${number}`, number>;

/** So many have a colour of their own; the rest share the last. */
const colours = 6;

/** Leads day by day, split by form or source; the most frequent first. Days without leads are there too. */
export function chartData(
  { leads_by_day, since, until }: Pick<Overview, "leads_by_day" | "since" | "until">,
  split: Split,
) {
  const counts = leads_by_day[split];
  const totals = new Map<string | null, number>();
  for (const { value, count } of counts) totals.set(value, (totals.get(value) ?? 0) + count);
  const series = seriesFor(totals);
  const seriesOf = new Map(series.flatMap(({ key, value }) => (value === null ? [] : [[value, key as `s${number}`]])));

  const bars = new Map<string, Bar>(daysFrom(since, until).map((day) => [day, { day, total: 0 }]));
  for (const { day, value, count } of counts) {
    const bar = bars.get(day);
    if (!bar) continue;
    const key = (value === null ? undefined : seriesOf.get(value)) ?? `s${colours - 1}`;
    bar[key] = (bar[key] ?? 0) + count;
    bar.total += count;
  }
  return { series, bars: [...bars.values()] };
}

/** The gateway has put the rare ones together already; here they are joined by those that get no colour. */
function seriesFor(totals: ReadonlyMap<string | null, number>): Series[] {
  const named = [...totals].flatMap(([value, total]) => (value === null ? [] : [{ value, total }]));
  const shared = totals.get(null) ?? 0;
  named.sort((one, other) => other.total - one.total);
  const own = named.length > colours || shared > 0 ? named.slice(0, colours - 1) : named;
  const rest = named.slice(own.length).reduce((sum, { total }) => sum + total, shared);
  const series: Series[] = own.map((each, index) => ({ key: `s${index}`, ...each }));
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
