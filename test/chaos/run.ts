import { parseArgs } from "node:util";
import { brokenPromises, type ChaosReport, runChaos } from "./chaos.ts";

/** `npm run chaos -- --minutes 10 --seed 7`: the long form, with its figures. Ends with 1 when a promise was broken. */
const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "10" },
    seed: { type: "string", default: String(Math.floor(Math.random() * 1_000_000)) },
    rate: { type: "string", default: "6" },
  },
});
const mostShown = 20;
const seed = Number(values.seed);
const minuteMs = 60_000;
console.log(`Seed ${seed}.`);
const report = await runChaos({
  stormMs: Number(values.minutes) * minuteMs,
  everyMs: 3_500,
  leadsPerSecond: Number(values.rate),
  freezeMs: 30_000,
  clocksMs: [[0], [3 * minuteMs], [-2 * minuteMs], [0, -minuteMs, 2 * minuteMs]],
  seed,
  log: (line) => console.log(line),
});
for (const [name, figure] of figuresOf(report)) console.log(`${name.padEnd(36)}${figure}`);
const broken = brokenPromises(report);
for (const sentence of broken.slice(0, mostShown)) console.log(`BROKEN: ${sentence}`);
if (broken.length > mostShown) console.log(`… and ${broken.length - mostShown} more`);
process.exitCode = broken.length > 0 ? 1 : 0;

function figuresOf(report: ChaosReport): [string, string | number][] {
  return [
    ...[...report.disruptions].sort().map(([kind, times]): [string, number] => [kind, times]),
    ["gateway starts", report.starts],
    ["  given up, Postgres not there", report.refusedStarts],
    ["  ended by themselves", report.crashes.length],
    ["posts", report.posts],
    ["  cut off", report.cutOff],
    ["  answered 503", report.putOff],
    ["  answered oddly", report.strange.length],
    ["accepted", report.accepted],
    ["  of them browser forms (303)", report.forms],
    ["  lost", report.lost.length],
    ["  confused", report.confused.length],
    ["attempts", report.attempts],
    ["  uncertain", report.uncertain],
    ["  not written down", report.unwritten.length],
    ["deliveries not settled", report.unsettled.length],
    ["claims the database saw", report.claims],
    ["  two at once", report.twoAtOnce.length],
    ["  written over", report.overwritten.length],
    ["late results turned away", report.fenced],
    ["requests after the lease was lost", report.late],
    ["  unexplained", report.unexplainedLate.length],
    ["duplicates on the wire", report.duplicates],
    ["  explained", report.explained],
    ["  unexplained", report.unexplained.length],
    ["time", `${Math.round(report.tookMs / 1_000)} s`],
  ];
}
