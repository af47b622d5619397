import type { LeadTally } from "../../ledger/ledger.ts";
import { learnRhythm, type Rhythm } from "./learn-rhythm.ts";
import { hourMs, weekHours } from "./week-hours.ts";

/** A form that has been quiet for longer than its rhythm explains. Times are epoch milliseconds. */
export type FormSilence = {
  form: string;
  /** When the last lead came; without `lastLeadAt` in the request, the end of the hour it came in. */
  lastLeadAt: number;
  /** Leads to be expected since then, by the form's rhythm. */
  expected: number;
  quietForMs: number;
  /** How likely a gap as long as this is when nothing is wrong, from 0 to 1. */
  chance: number;
};

/** What a rhythm is judged by. */
export type RhythmRequest = {
  /** Epoch milliseconds. */
  now: number;
  /** IANA name of the zone the forms' visitors live by. @default "UTC" */
  zone?: string;
};

export type SilenceRequest = RhythmRequest & {
  /** When each form's last lead came, where that is known more closely than to the hour. @default the end of its last hour with leads */
  lastLeadAt?: ReadonlyMap<string, number>;
  /** False for forms that were removed: nobody expects anything of them. @default every form */
  isConfigured?(form: string): boolean;
};

/** A form's rhythm as people may look at it. */
export type FormRhythm = {
  /** Leads a week as of late. */
  perWeek: number;
  /** Leads expected in each hour of the week in the zone asked for, Monday 0:00 first: 168 figures. */
  byHourOfWeek: number[];
};

/** How far back a rhythm is learned from: eight weeks. */
export const rhythmMs = 56 * 86_400_000;

/** What a form must have shown to be judged: this many hours from its first lead to its last, and so many leads. */
const leastHours = 14 * 24;
const leastLeads = 20;
const leastPerWeek = 3;
/** Shorter gaps are never told: deployments take a while, and tallies know no minutes. */
const leastQuietMs = hourMs;
/** How many times a month a form may be called silent with nothing wrong. The promise is one; the rest is for what no model knows. */
const falseAlarmsAMonth = 0.1;
const weeksAMonth = 30 / 7;

/**
 * Forms that have been quiet for longer than can be put down to chance, the least likely first. Pure; `tallies` are those of the
 * last eight weeks (`rhythmMs`), older ones are passed over.
 *
 * What was expected in the gap is weighed as a Gamma-Poisson rate, and the gap counts once the chance of it falls below
 * a tenth of a false alarm a month, shared among all the gaps a month has: one for each lead expected. The rhythm is learned from what came before
 * the gap alone, so within a gap the chance only falls, and looking often makes no alarm more likely.
 */
export function silences(tallies: readonly LeadTally[], request: SilenceRequest): FormSilence[] {
  const { now, lastLeadAt, isConfigured = () => true } = request;
  const calendar = calendarOf(request);
  return [...historiesOf(tallies, now)]
    .flatMap(([form, history]): FormSilence[] => {
      const end = calendar.from + history.counts.length * hourMs;
      const told = lastLeadAt?.get(form) ?? end;
      const last = Math.min(now, Math.max(end - hourMs, Math.min(told, end)));
      const quietForMs = now - last;
      if (quietForMs < leastQuietMs || !isConfigured(form)) return [];
      const rhythm = rhythmIn(history, calendar);
      if (!rhythm) return [];
      const expected = expectedBetween(last, now, rhythm, calendar);
      const chance = chanceOfNone(expected, rhythm);
      const gaps = perWeek(rhythm) * weeksAMonth;
      return chance * gaps < falseAlarmsAMonth ? [{ form, lastLeadAt: last, expected, quietForMs, chance }] : [];
    })
    .sort((one, other) => one.chance - other.chance);
}

/** The rhythm learned of a form; null when it has not sent enough to be judged. */
export function rhythmOf(tallies: readonly LeadTally[], form: string, request: RhythmRequest): FormRhythm | null {
  const own = tallies.filter((tally) => tally.form === form);
  const history = historiesOf(own, request.now).get(form);
  const rhythm = history ? rhythmIn(history, calendarOf(request)) : null;
  if (!rhythm) return null;
  const byHourOfWeek = Array.from(rhythm.hours, (rate) => rate * rhythm.level);
  return { perWeek: perWeek(rhythm), byHourOfWeek };
}

/** A form's leads by hour, from the calendar's first hour to the form's last with leads. `first`: the place of its first one. */
type History = { counts: Float64Array; first: number };

/** The hours that are looked at. `weekHour`: of each the hour of the week, with one more at either end. */
type Calendar = { from: number; weekHour: Uint8Array };

function calendarOf({ now, zone = "UTC" }: RhythmRequest): Calendar {
  const from = firstHour(now);
  return { from, weekHour: weekHours(from - hourMs, Math.floor((now - from) / hourMs) + 3, zone) };
}

function firstHour(now: number): number {
  return Math.floor((now - rhythmMs) / hourMs) * hourMs;
}

function historiesOf(tallies: readonly LeadTally[], now: number): Map<string, History> {
  const from = firstHour(now);
  const hours = Math.floor((now - from) / hourMs) + 1;
  const histories = new Map<string, History & { last: number }>();
  for (const { form, hour, count } of tallies) {
    // A clock that was set back leaves leads in its future: they are news all the same.
    const i = Math.min((hour - from) / hourMs, hours - 1);
    if (i < 0 || count <= 0) continue;
    let history = histories.get(form);
    if (!history) {
      history = { counts: new Float64Array(hours), first: i, last: i };
      histories.set(form, history);
    }
    history.counts[i] = (history.counts[i] ?? 0) + count;
    history.first = Math.min(history.first, i);
    history.last = Math.max(history.last, i);
  }
  for (const history of histories.values()) history.counts = history.counts.subarray(0, history.last + 1);
  return histories;
}

function rhythmIn({ counts, first }: History, { weekHour }: Calendar): Rhythm | null {
  const own = counts.subarray(first);
  const leads = own.reduce((sum, count) => sum + count, 0);
  if (own.length < leastHours || leads < leastLeads) return null;
  const rhythm = learnRhythm({ counts: own, weekHour: weekHour.subarray(first + 1) });
  return perWeek(rhythm) < leastPerWeek ? null : rhythm;
}

function perWeek({ hours, level }: Rhythm): number {
  return level * hours.reduce((sum, rate) => sum + rate, 0);
}

/**
 * Leads to be expected between two moments. The least of the rhythm as it is, an hour earlier and an hour later: so a change of
 * the clocks is no silence, wherever the visitors live, and neither is a morning that begins late.
 */
function expectedBetween(start: number, end: number, { hours, level }: Rhythm, { from, weekHour }: Calendar): number {
  const [firstIn, lastIn] = [Math.floor((start - from) / hourMs), Math.floor((end - from) / hourMs)];
  const sums = [0, 1, 2].map((shift) => {
    let sum = 0;
    for (let i = firstIn; i <= lastIn; i++) {
      const begin = from + i * hourMs;
      const share = (Math.min(end, begin + hourMs) - Math.max(start, begin)) / hourMs;
      sum += share * (hours[weekHour[i + shift] ?? 0] ?? 0);
    }
    return sum;
  });
  return level * Math.min(...sums);
}

/** The chance of no lead where so many were expected, under a rate that is itself only known from `memory` leads. */
function chanceOfNone(expected: number, { clump, memory }: Rhythm): number {
  const evidence = memory / clump;
  return (1 + expected / memory) ** -evidence;
}
