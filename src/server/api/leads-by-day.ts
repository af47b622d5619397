import type { LeadTally } from "../../ledger/ledger.ts";

/** How many leads came on a day. `value`: from which form or source; null for all that have no row of their own. */
export type DayCount = { day: string; value: string | null; count: number };

/** So many forms or sources are counted by themselves: whoever links to a site can name as many sources as they like. */
export const ownRows = 12;

/**
 * Hourly tallies as days of a time zone (`YYYY-MM-DD`), by form or by source. What occurs most often has rows of its own, the rest
 * share one a day, so that the result is bounded by the number of days.
 */
export function leadsByDay(tallies: readonly LeadTally[], by: "form" | "source", timezone: string): DayCount[] {
  const totals = new Map<string, number>();
  for (const tally of tallies) totals.set(tally[by], (totals.get(tally[by]) ?? 0) + tally.count);
  const most = [...totals].sort(([, one], [, other]) => other - one).slice(0, ownRows);
  const own = new Set(most.map(([value]) => value));
  const dayOf = dayIn(timezone);
  const days = new Map<string, Map<string | null, number>>();
  for (const tally of tallies) {
    const day = dayOf(tally.hour);
    const value = own.has(tally[by]) ? tally[by] : null;
    const counts = days.get(day) ?? new Map<string | null, number>();
    counts.set(value, (counts.get(value) ?? 0) + tally.count);
    days.set(day, counts);
  }
  return [...days].flatMap(([day, counts]) => [...counts].map(([value, count]) => ({ day, value, count })));
}

/** Whether the name of a time zone is one. */
export function isTimezone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }) !== null;
  } catch {
    return false;
  }
}

/** The day an hour lies in. Formatting is slow and hours recur, so each is formatted once. */
function dayIn(timeZone: string): (hour: number) => string {
  // Swedish writes dates as ISO 8601 does.
  const format = new Intl.DateTimeFormat("sv-SE", { timeZone });
  const days = new Map<number, string>();
  return (hour) => {
    const day = days.get(hour) ?? format.format(hour);
    days.set(hour, day);
    return day;
  };
}
