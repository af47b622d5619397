import { parseArgs } from "node:util";
import { brokenPromises, type OverloadReport, runOverload } from "./overload.ts";
import { medianOf, type Sample } from "./samples.ts";
import type { Quantiles } from "./timings.ts";

/** `npm run overload [-- --minutes 10 --times 2 --fresh]`: more than the capacity for a while. Ends with 1 when a promise was broken. */
const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "10" },
    /** How many times what it can. */
    times: { type: "string", default: "2" },
    /** Leads a second, instead of a multiple of what it can. */
    offered: { type: "string" },
    connections: { type: "string", default: "12000" },
    /** A new connection for each lead. */
    fresh: { type: "boolean", default: false },
    generators: { type: "string", default: "1" },
    measure: { type: "string", default: "10" },
    /** What `npm run build` made. */
    built: { type: "boolean", default: false },
    /** Longest an accepted lead may wait (99 of 100), in milliseconds. */
    most: { type: "string", default: "2500" },
    /** Most the memory may grow in the second half, in MiB a minute. */
    growth: { type: "string", default: "4" },
  },
});
const report = await runOverload({
  seconds: Number(values.minutes) * 60,
  times: Number(values.times),
  ...(values.offered === undefined ? {} : { offered: Number(values.offered) }),
  connections: Number(values.connections),
  fresh: values.fresh,
  generators: Number(values.generators),
  measureSeconds: Number(values.measure),
  built: values.built,
  log: progress(),
});
for (const [name, figure] of figuresOf(report)) console.log(`${name.padEnd(28)}${figure}`);
const broken = [...brokenPromises(report), ...slow(report)];
for (const sentence of broken.slice(0, 50)) console.log(`BROKEN: ${sentence}`);
process.exitCode = broken.length > 0 ? 1 : 0;

function slow({ storm, memory }: OverloadReport): string[] {
  return [
    ...(storm.accepted.p99 > Number(values.most)
      ? [`accepted leads waited ${storm.accepted.p99} ms (p99), more than ${values.most}`]
      : []),
    ...(memory.growthAMinute > Number(values.growth)
      ? [`memory grows by ${memory.growthAMinute.toFixed(1)} MiB a minute`]
      : []),
  ];
}

function figuresOf({ storm, memory, fate, samples, ...rest }: OverloadReport): [string, string | number][] {
  return [
    ["cores", rest.cores],
    ["capacity", `${rest.capacity} leads/s, while ${rest.delivering}/s are delivered`],
    [
      "offered",
      `${Math.round(storm.sent / (storm.tookMs / 1_000))} leads/s, ${storm.sent} in ${Math.round(storm.tookMs / 1_000)} s`,
    ],
    ["  answered", JSON.stringify(storm.statuses)],
    ["  accepted, from due", wordsOf(storm.accepted)],
    ["  accepted, from sending", wordsOf(storm.acceptedFromSend)],
    ["  accepted a second", storm.acceptedOverTime.join(" ")],
    ["  told to come again", wordsOf(storm.refused)],
    [
      "  delivered",
      `${rest.stormDelivering}/s; ${rest.backlog} waited at the end, and ${Math.round(rest.drainedInMs / 1_000)} s later none`,
    ],
    [
      "generator",
      `late by ${wordsOf(storm.late)}; ${storm.generatorShare.toFixed(2)} of a core, ${storm.mostOpen} connections`,
    ],
    ["gateway", gatewayOf(samples)],
    [
      "memory",
      `${memory.early} → ${memory.late} MiB, ${memory.most} at most, second half ${memory.growthAMinute.toFixed(2)} MiB a minute`,
    ],
    [
      "accepted",
      `${fate.accepted}: ${fate.lost.length} lost, ${fate.undelivered.length} not delivered, ${fate.doubled.length} delivered twice; ${fate.unanswered} received that had no answer`,
    ],
    ["afterwards", `${JSON.stringify(rest.after.statuses)}, ${wordsOf(rest.after.accepted)}`],
  ];
}

function gatewayOf(samples: readonly Sample[]): string {
  const cpu = samples.reduce((sum, { cpuShare }) => sum + cpuShare, 0) / Math.max(1, samples.length);
  const delay = (name: "delayP50" | "delayP99"): number => medianOf(samples.map((sample) => sample[name]));
  const most = Math.max(0, ...samples.map(({ delayMost }) => delayMost));
  return `${cpu.toFixed(2)} of a core; event loop late by ${delay("delayP50")} ms (half), ${delay("delayP99")} ms (99 of 100), ${most} ms at most`;
}

function wordsOf({ count, p50, p99, most }: Quantiles): string {
  return `${count}, ${p50} ms (half), ${p99} ms (99 of 100), ${most} ms (the longest)`;
}

/** A line every few seconds. */
function progress(): (line: string) => void {
  let next = 0;
  return (line) => {
    if (/deliveries wait$/.test(line) && /^settling/.test(line) && performance.now() < next) return;
    next = performance.now() + 5_000;
    console.log(line);
  };
}
