import { expect, test } from "vitest";
import type { LeadTally } from "../../ledger/ledger.ts";
import { rhythmOf, silences } from "./silences.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** A Monday, 0:00 UTC. */
const monday = Date.UTC(2026, 9, 19);
const begin = monday - 56 * dayMs;

type Office = { form?: string; from?: number; until?: number; perHour?: number; source?: string };

/** Leads in each hour from 9:00 to 17:00 on weekdays. */
function officeTallies({ form = "contact", from = begin, until = monday, perHour = 2, source = "" }: Office = {}) {
  const tallies: LeadTally[] = [];
  for (let hour = from; hour < until; hour += hourMs) {
    const date = new Date(hour);
    const isOpen = date.getUTCDay() % 6 !== 0 && date.getUTCHours() >= 9 && date.getUTCHours() < 17;
    if (isOpen) tallies.push({ hour, form, source, count: perHour });
  }
  return tallies;
}

const silentForms = (tallies: readonly LeadTally[], now: number) => silences(tallies, { now }).map(({ form }) => form);

test("a form without a lead at night and over the weekend is as it always was", () => {
  expect(silences(officeTallies(), { now: monday + 8 * hourMs })).toEqual([]);
});

test("a form without a lead on a Monday is silent by the end of it", () => {
  const [silence, ...others] = silences(officeTallies(), { now: monday + 18 * hourMs });
  expect(others).toEqual([]);
  const friday = monday - 3 * dayMs + 17 * hourMs;
  expect(silence).toMatchObject({ form: "contact", lastLeadAt: friday, quietForMs: monday + 18 * hourMs - friday });
  expect(silence?.expected).toBeGreaterThan(12);
  expect(silence?.expected).toBeLessThan(18);
  expect(silence?.chance).toBeLessThan(0.001);
});

test("one lead ends a silence", () => {
  const one = { hour: monday + 17 * hourMs, form: "contact", source: "", count: 1 };
  expect(silentForms([...officeTallies(), one], monday + 18 * hourMs)).toEqual([]);
});

test("forms are judged each by itself, the least likely first", () => {
  const tallies = [
    ...officeTallies({ form: "quiet" }),
    ...officeTallies({ form: "busy", perHour: 4 }),
    ...officeTallies({ form: "alive", until: monday + 18 * hourMs }),
  ];
  expect(silentForms(tallies, monday + 18 * hourMs)).toEqual(["busy", "quiet"]);
});

test("leads of all sources count together", () => {
  const halves = ["google", ""].flatMap((source) => officeTallies({ source, perHour: 1 }));
  const now = monday + 18 * hourMs;
  expect(silences(halves, { now })).toEqual(silences(officeTallies(), { now }));
});

test("when the last lead came may be told more closely than to the hour", () => {
  const at = monday - 3 * dayMs + 16.25 * hourMs;
  const [silence] = silences(officeTallies(), {
    now: monday + 18 * hourMs,
    lastLeadAt: new Map([["contact", at]]),
  });
  expect(silence?.lastLeadAt).toBe(at);
});

test("a form that was removed is not reported", () => {
  expect(silences(officeTallies(), { now: monday + 18 * hourMs, isConfigured: () => false })).toEqual([]);
});

test("a form that never had a lead, or too short a history, is not judged", () => {
  expect(silences([], { now: monday })).toEqual([]);
  expect(silentForms(officeTallies({ from: monday - 13 * dayMs }), monday + 3 * dayMs)).toEqual([]);
});

test("a form with a lead a week is not judged", () => {
  const weekly = Array.from({ length: 6 }, (_, week) => ({
    hour: begin + (week * 7 + 1) * dayMs,
    form: "contact",
    source: "",
    count: 1,
  }));
  expect(silentForms(weekly, monday)).toEqual([]);
});

test("a campaign that is over is no silence", () => {
  const campaign = officeTallies({ from: monday - 5 * dayMs, perHour: 20 });
  const tallies = [...officeTallies({ perHour: 1, until: monday - 5 * dayMs }), ...campaign];
  const after = [10, 12, 14, 16].map((hour) => ({
    hour: monday + hour * hourMs,
    form: "contact",
    source: "",
    count: 1,
  }));
  for (let now = monday + 9 * hourMs; now < monday + 18 * hourMs; now += hourMs / 2)
    expect(silentForms([...tallies, ...after.filter(({ hour }) => hour <= now)], now)).toEqual([]);
});

test("an outage that is over does not hide the next one", () => {
  const outage = { from: monday - 28 * dayMs, until: monday - 23 * dayMs };
  const tallies = officeTallies().filter(({ hour }) => hour < outage.from || hour >= outage.until);
  expect(silentForms(tallies, monday + 2 * dayMs)).toEqual(["contact"]);
});

test("a clock that was set back makes no form silent", () => {
  const tallies = officeTallies({ until: monday + 5 * dayMs });
  expect(silentForms(tallies, monday + 18 * hourMs)).toEqual([]);
});

test("once silent, a form stays silent until a lead comes", () => {
  const tallies = officeTallies();
  for (let now = monday + 18 * hourMs; now < monday + 30 * dayMs; now += 6 * hourMs)
    expect(silentForms(tallies, now)).toEqual(["contact"]);
});

test("a rhythm shows when a form's leads come", () => {
  const rhythm = rhythmOf(officeTallies(), "contact", { now: monday });
  expect(rhythm?.byHourOfWeek).toHaveLength(168);
  const [night = 0, noon = 0, sunday = 0] = [3, 12, 6 * 24 + 12].map((hour) => rhythm?.byHourOfWeek[hour]);
  expect(noon).toBeGreaterThan(1.5);
  expect(noon).toBeLessThan(2.5);
  expect(Math.max(night, sunday)).toBeLessThan(0.2);
  expect(rhythm?.perWeek).toBeGreaterThan(72);
  expect(rhythm?.perWeek).toBeLessThan(88);
  expect(rhythmOf(officeTallies(), "quote", { now: monday })).toBeNull();
});
