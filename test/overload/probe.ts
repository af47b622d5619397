/**
 * Loaded into the gateway before anything else (`--import`): writes a `Sample` as a line of JSON every second to the file that
 * `OVERLOAD_PROBE` names.
 */
import { appendFileSync } from "node:fs";
import { monitorEventLoopDelay, performance } from "node:perf_hooks";
import { isMainThread } from "node:worker_threads";
import type { Sample } from "./samples.ts";

const file = process.env.OVERLOAD_PROBE;
if (file && isMainThread) {
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  let cpu = process.cpuUsage();
  let at = performance.now();
  const milli = (nanoseconds: number): number => Math.round(nanoseconds / 1e5) / 10;
  setInterval(() => {
    const { rss, heapUsed } = process.memoryUsage();
    const used = process.cpuUsage(cpu);
    const now = performance.now();
    const sample: Sample = {
      at: Date.now(),
      rssMiB: Math.round(rss / 1_048_576),
      heapMiB: Math.round(heapUsed / 1_048_576),
      cpuShare: (used.user + used.system) / 1_000 / (now - at),
      delayP50: milli(delay.percentile(50)),
      delayP99: milli(delay.percentile(99)),
      delayMost: milli(delay.max),
    };
    delay.reset();
    cpu = process.cpuUsage();
    at = now;
    appendFileSync(file, `${JSON.stringify(sample)}\n`);
  }, 1_000).unref();
}
