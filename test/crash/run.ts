import { parseArgs } from "node:util";
import { brokenPromises, type CrashReport, runCrash } from "./crash.ts";

/** `npm run crash`: the long form, with its figures. Ends with 1 when a promise was broken. */
const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "60" },
    seed: { type: "string", default: String(Math.floor(Math.random() * 1_000_000)) },
    concurrency: { type: "string", default: "16" },
    built: { type: "boolean", default: false },
  },
});
const mostShown = 20;
const seed = Number(values.seed);
console.log(`Seed ${seed}.`);
const report = await runCrash({
  kills: Number(values.kills),
  concurrency: Number(values.concurrency),
  seed,
  built: values.built,
  log: progress(),
});
for (const [name, figure] of figuresOf(report)) console.log(`${name.padEnd(28)}${figure}`);
const broken = brokenPromises(report);
for (const sentence of broken.slice(0, mostShown)) console.log(`BROKEN: ${sentence}`);
if (broken.length > mostShown) console.log(`… and ${broken.length - mostShown} more`);
process.exitCode = broken.length > 0 ? 1 : 0;

function figuresOf(report: CrashReport): [string, string | number][] {
  const { orderlyEnd } = report;
  return [
    ["kills", report.kills],
    ["posts", report.posts],
    ["  cut off", report.cutOff],
    ["  answered oddly", report.strange.length],
    ["accepted", report.accepted],
    ["  lost", report.lost.length],
    ["  confused", report.confused.length],
    ["attempts", report.attempts],
    ["  uncertain", report.uncertain],
    ["  not written down", report.unwritten.length],
    ["duplicates on the wire", report.duplicates],
    ["  explained", report.explained],
    ["  unexplained", report.unexplained.length],
    ["SQLite integrity check", report.integrity],
    ["SIGTERM under load", `exit ${orderlyEnd.exit}, ${orderlyEnd.unfinished.length} unfinished`],
    ["time", `${Math.round(report.tookMs / 1_000)} s`],
  ];
}

/** One line that is written over on a terminal; elsewhere a line every few seconds. */
function progress(): (line: string) => void {
  if (process.stdout.isTTY) return (line) => void process.stdout.write(`\r\x1b[K${line}\r`);
  let next = 0;
  return (line) => {
    if (performance.now() < next) return;
    next = performance.now() + 5_000;
    console.log(line);
  };
}
