import { parseArgs } from "node:util";
import { brokenPromises, type OverloadReport, type Quantiles, runOverload } from "./overload.ts";

/** `npm run overload [-- --minutes 10 --connections 1000]`: twice the capacity for a while. Ends with 1 when a promise was broken. */
const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "10" },
    connections: { type: "string", default: "1000" },
    /** Longest an accepted lead may wait (99 of 100), in milliseconds. */
    most: { type: "string", default: "5000" },
  },
});
const report = await runOverload({
  seconds: Number(values.minutes) * 60,
  connections: Number(values.connections),
  log: progress(),
});
for (const [name, figure] of figuresOf(report)) console.log(`${name.padEnd(28)}${figure}`);
const broken = brokenPromises(report, Number(values.most));
for (const sentence of broken) console.log(`BROKEN: ${sentence}`);
process.exitCode = broken.length > 0 ? 1 : 0;

function figuresOf({ capacity, storm, memory, ...rest }: OverloadReport): [string, string | number][] {
  return [
    ["capacity", `${capacity} leads/s`],
    ["offered", `${storm.sent} leads in ${Math.round(storm.tookMs / 1_000)} s`],
    ["  answered", JSON.stringify(storm.statuses)],
    ["  accepted", wordsOf(storm.accepted)],
    ["  told to come again", wordsOf(storm.refused)],
    ["memory", `${memory.join(" → ")} MiB from the second quarter to the last`],
    ["accepted and lost", rest.lost],
    ["not delivered", rest.undelivered],
    ["received", rest.received],
    ["delivered after", `${Math.round(rest.drainedInMs / 1_000)} s more`],
  ];
}

function wordsOf({ count, p50, p99, most }: Quantiles): string {
  return `${count}, waited ${p50} ms (half), ${p99} ms (99 of 100), ${most} ms (the longest)`;
}

/** A line every few seconds. */
function progress(): (line: string) => void {
  let next = 0;
  return (line) => {
    if (/deliveries wait/.test(line) && performance.now() < next) return;
    next = performance.now() + 5_000;
    console.log(line);
  };
}
