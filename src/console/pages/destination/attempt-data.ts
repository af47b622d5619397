import type { DestinationDetail } from "../../api/types.ts";
import { dayOf } from "../leads/filter.ts";

export const outcomes = ["delivered", "retry", "uncertain", "rejected", "blocked"] as const;
export type Outcome = (typeof outcomes)[number];

/** One day's attempts, in the viewer's own days. `averageMs`: null when there was none. */
export type Day = { day: string; total: number; averageMs: number | null } & Record<Outcome, number>;
/** One hour's average, null when there was no attempt: a gap in the line. */
export type Hour = { hour: string; averageMs: number | null };

export type AttemptData = { days: Day[]; hours: Hour[]; total: number; delivered: number; averageMs: number | null };

const hourMs = 3_600_000;
const shownDays = 7;

/** What the last seven days' attempts came to, and how long they took. Days and hours without any are there too. */
export function attemptData(tallies: DestinationDetail["hours"], now: number): AttemptData {
  const days = new Map(lastDays(now).map((day) => [day, emptyDay(day)]));
  const hours = new Map<number, { count: number; durationMs: number }>();
  const durations = new Map<string, number>();
  let total = 0;
  let durationMs = 0;
  for (const { hour, outcome, count, duration_ms } of tallies) {
    const at = Date.parse(hour);
    const day = days.get(dayOf(new Date(at)));
    if (!day) continue;
    day[outcomes.find((one) => one === outcome) ?? "retry"] += count;
    day.total += count;
    durations.set(day.day, (durations.get(day.day) ?? 0) + duration_ms);
    const so = hours.get(at) ?? { count: 0, durationMs: 0 };
    hours.set(at, { count: so.count + count, durationMs: so.durationMs + duration_ms });
    total += count;
    durationMs += duration_ms;
  }
  for (const day of days.values()) day.averageMs = average(durations.get(day.day) ?? 0, day.total);
  return {
    days: [...days.values()],
    hours: hoursUntil(now, hours),
    total,
    delivered: [...days.values()].reduce((sum, { delivered }) => sum + delivered, 0),
    averageMs: average(durationMs, total),
  };
}

function average(durationMs: number, count: number): number | null {
  return count === 0 ? null : durationMs / count;
}

function emptyDay(day: string): Day {
  return { day, total: 0, averageMs: null, delivered: 0, retry: 0, uncertain: 0, rejected: 0, blocked: 0 };
}

function lastDays(now: number): string[] {
  return Array.from({ length: shownDays }, (_, index) => {
    const day = new Date(now);
    // Noon: a day that begins or ends summer time is a day all the same.
    day.setHours(12, 0, 0, 0);
    day.setDate(day.getDate() - (shownDays - 1 - index));
    return dayOf(day);
  });
}

/** From the first hour with an attempt to now. */
function hoursUntil(now: number, hours: ReadonlyMap<number, { count: number; durationMs: number }>): Hour[] {
  const first = Math.min(...hours.keys());
  const shown: Hour[] = [];
  for (let at = first; at <= now; at += hourMs) {
    const { count, durationMs } = hours.get(at) ?? { count: 0, durationMs: 0 };
    shown.push({ hour: new Date(at).toISOString(), averageMs: average(durationMs, count) });
  }
  return shown;
}
