/**
 * What the watch for silence promises, on traffic made by a known law. `SILENCE_FORMS=200 npx vitest run test/watch/silence.test.ts`
 * measures with that many forms a row, and prints the figures of docs/alerts.md; CI takes six for a week.
 */
import { describe, expect, test } from "vitest";
import {
  type Delay,
  detectionDelays,
  falseAlarms,
  hourMs,
  leadTimes,
  looks,
  monday,
  quantile,
  seasons,
  seeded,
  type Traffic,
  type Weather,
} from "./silence-traffic.ts";

const forms = Number(process.env.SILENCE_FORMS ?? 6);
const isLong = process.env.SILENCE_FORMS !== undefined;
const months = isLong ? 1 : 0.25;
/** Leads a day; 48 is two an hour. */
const allRates = [2, 10, 48, 100];
const rates = isLong ? allRates : [10, 100];
const names = isLong ? (Object.keys(seasons) as (keyof typeof seasons)[]) : (["daily", "office"] as const);
const traffic = (rest: Omit<Traffic, "random">): Traffic => ({ ...rest, random: seeded(rest.perDay) });

describe.each(names)("on Poisson traffic with a %s season", (name) => {
  test.each(rates)(
    "a form with %i leads a day is called silent falsely at most once a month",
    (perDay) => {
      const alarms = falseAlarms(traffic({ perDay, season: seasons[name], weather: "poisson" }), forms, months);
      print(`poisson ${name} ${perDay}/day: ${alarms.toFixed(3)} false alarms a form and month`);
      expect(alarms).toBeLessThanOrEqual(1);
    },
    600_000,
  );

  test.each(rates)(
    "a form with %i leads a day that stops is found within a bounded time",
    (perDay) => {
      const delays = detectionDelays(traffic({ perDay, season: seasons[name], weather: "poisson" }), forms);
      print(`poisson ${name} ${perDay}/day: found ${summary(delays)}`);
      expect(Math.max(...delays.map(({ leads }) => leads))).toBeLessThan(60);
      expect(Math.max(...delays.map(({ hours }) => hours))).toBeLessThan(perDay === 2 ? 10 * 24 : 4 * 24);
    },
    600_000,
  );
});

const weathers = ["bursts", "uneven-days", "campaigns", "fading", "growing", "spam-wave"] as const satisfies Weather[];
describe.each(weathers)("on traffic with %s", (weather) => {
  test.each(isLong ? allRates : [10])(
    "a form with %i leads a day is called silent falsely at most once a month",
    (perDay) => {
      const law = traffic({ perDay, season: seasons.shop, weather });
      const alarms = falseAlarms(law, forms, months);
      const found = isLong ? `, found ${summary(detectionDelays(law, forms))}` : "";
      print(`${weather} shop ${perDay}/day: ${alarms.toFixed(3)} false alarms a form and month${found}`);
      expect(alarms).toBeLessThanOrEqual(1);
    },
    600_000,
  );
});

describe("when the clocks change", () => {
  test.each([
    ["spring", -hourMs, "Europe/Berlin"],
    ["spring", -hourMs, "UTC"],
    ["autumn", hourMs, "Europe/Berlin"],
    ["autumn", hourMs, "UTC"],
  ])("no form is called silent in %s, whether or not the zone is known (%i, %s)", (season, shift, zone) => {
    const change = season === "spring" ? Date.UTC(2026, 2, 29, 1) : Date.UTC(2026, 9, 25, 1);
    const begin = monday + Math.floor((change - monday) / (7 * 24 * hourMs) - 9) * 7 * 24 * hourMs;
    const silent = allRates.flatMap((perDay) => {
      const law = traffic({ perDay, season: seasons.office, weather: "poisson" });
      const times = leadTimes(law, 12 * 7, begin).map((time) => time + (time >= change ? shift : 0));
      const site = new Map([["contact", times.sort((one, other) => one - other)]]);
      return [...looks(site, change, change + 7 * 24 * hourMs, zone)].filter(([, some]) => some.length > 0);
    });
    expect(silent).toEqual([]);
  });
});

function summary(delays: readonly Delay[]): string {
  const [hours, leads] = [delays.map((one) => one.hours), delays.map((one) => one.leads)];
  const figures = (values: number[]) => [0.5, 0.95].map((share) => quantile(values, share).toFixed(1)).join(" / ");
  return `after ${figures(hours)} hours, ${figures(leads)} expected leads (median / 95 %)`;
}

function print(line: string): void {
  if (isLong) console.log(line);
}
