import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { refillRate } from "../../src/delivery/pace.ts";
import { bodiesOfPeople } from "../support/a-submission.ts";
import { cpuSecondsOf } from "../support/cpu.ts";
import { other, out } from "../support/outage-ledger.ts";
import { aFolder, command, type Running, startGateway, startScript, track } from "../support/processes.ts";
import { tell, tellRound } from "../support/progress.ts";
import { watchResident } from "../support/resident.ts";
import type { Row } from "../support/row.ts";
import { figureOf, ratioOf } from "../support/statistics.ts";
import { type Load, load, rowOf } from "./accept.ts";

/** What the destination that recovers allows: far below what a lane can do. */
const pace = { limit: 1_000, intervalMs: 1_000 };
/** A lane keeps the rest of the limit for bursts. */
const pacePerSecond = refillRate(pace) * 1_000;
const people = bodiesOfPeople(2_000);
const variables = { LEADKEEP_LOG_LEVEL: "error" };

type Outage = { waiting: number; rounds: number; seconds: number; drainSeconds: number };
type Site = { gateway: Running; folder: string; accepted: Load[]; delivered: number[]; stop(): Promise<void> };

/**
 * A destination that was away for a year: what its waiting deliveries cost another destination, against a gateway where none
 * waits; and how it catches up under its pace once it is back, with how much memory.
 */
export async function outageRows({ waiting, rounds, seconds, drainSeconds }: Outage): Promise<Row[]> {
  const sinks = { [out]: await startScript("sink-server.ts"), [other]: await startScript("sink-server.ts") };
  const full = await aSite(waiting, sinks);
  const empty = await aSite(0, sinks);
  try {
    for (let round = 0; round < rounds; round++) {
      tellRound("accepting and delivering", round, rounds);
      for (const site of round % 2 === 0 ? [full, empty] : [empty, full]) await measure(site, sinks, seconds);
    }
    const of = `${waiting.toLocaleString("en")} deliveries waiting for another destination, SQLite`;
    const accepting = rowOf(`accept, ${of}`, "leads/s", full.accepted, empty.accepted, (l) => l.rate, { atLeast: 0.9 });
    const rows = [
      { ...accepting, baseline: accepting.baseline && { ...accepting.baseline, name: "none waiting" } },
      {
        name: `deliver, ${of}`,
        unit: "deliveries/s",
        ours: figureOf(full.delivered),
        baseline: { name: "none waiting", figure: figureOf(empty.delivered) },
        ratio: ratioOf(full.delivered, empty.delivered),
        target: { atLeast: 0.9 },
      },
    ];
    return [...rows, ...(await recovery(full, sinks[out], waiting, drainSeconds))];
  } finally {
    for (const { stop } of [full, empty, ...Object.values(sinks)]) await stop();
  }
}

async function aSite(waiting: number, sinks: Record<string, Running>): Promise<Site> {
  const { folder, remove } = aFolder();
  if (waiting > 0) await fill(folder, waiting);
  const config = configFor(sinks);
  // Paused before the gateway is there, which needs the configuration on the disk: the first start writes it.
  const first = await startGateway({ folder, variables, config });
  await command(folder, variables, "pause", out);
  await first.stop();
  const gateway = await startGateway({ folder, variables, config });
  return {
    gateway,
    folder,
    accepted: [],
    delivered: [],
    async stop() {
      await gateway.stop();
      remove();
    },
  };
}

async function fill(folder: string, waiting: number): Promise<void> {
  tell(`making a ledger of ${waiting.toLocaleString("en")} leads`);
  mkdirSync(join(folder, ".leadkeep"), { mode: 0o700 });
  const script = fileURLToPath(new URL("../support/outage-ledger.ts", import.meta.url));
  const args = [script, join(folder, ".leadkeep/ledger.db"), String(waiting)];
  const [code] = await once(track(spawn(process.execPath, args, { stdio: "inherit" })), "exit");
  if (code !== 0) throw new Error(`making a ledger ended with ${code}`);
}

function configFor(sinks: Record<string, Running>): string {
  const index = new URL("../../dist/index.js", import.meta.url).href;
  const line = (id: string, more: string) =>
    `${id}: webhook({ url: ${JSON.stringify(sinks[id]?.url)}, concurrency: 64, basis: "contract"${more} })`;
  return `import { defineConfig, webhook } from ${JSON.stringify(index)};
export default defineConfig({ destinations: { ${line(out, `, pace: ${JSON.stringify(pace)}`)}, ${line(other, "")} } });`;
}

/** Accepts without a pause, and waits until the other destination has it all. */
async function measure(site: Site, sinks: Record<string, Running>, seconds: number): Promise<void> {
  const sink = sinks[other]?.url ?? "";
  await fetch(sink, { method: "DELETE" });
  const accepted = await load(`${site.gateway.url}/f/contact`, seconds, 64, people);
  let before = -1;
  let seen = await countedAt(sink);
  // Nothing new for a second: all of it is there.
  while (seen.count > before) {
    before = seen.count;
    await wait(1_000);
    seen = await countedAt(sink);
  }
  site.accepted.push(accepted);
  site.delivered.push((seen.count / (seen.last - seen.first)) * 1_000);
}

async function recovery({ gateway, folder }: Site, sink: Running, waiting: number, seconds: number): Promise<Row[]> {
  await fetch(sink.url, { method: "DELETE" });
  await command(folder, variables, "resume", out);
  const pid = gateway.child.pid ?? 0;
  const memory = watchResident(pid);
  const cpuBefore = cpuSecondsOf([pid]);
  const halves: number[][] = [];
  for (const half of [1, 2]) {
    tell(`draining, half ${half} of 2`);
    await wait(seconds * 500);
    halves.push(memory.take());
  }
  memory.stop();
  const cores = (cpuSecondsOf([pid]) - cpuBefore) / seconds;
  const { count, first, last } = await countedAt(sink.url);
  const rate = (count / (last - first)) * 1_000;
  const [begin = figureOf([]), end = figureOf([])] = halves.map((half) => figureOf(half));
  const minutes = waiting / rate / 60;
  return [
    {
      name: `drain after the outage, limit of ${pace.limit.toLocaleString("en")} a second, SQLite`,
      unit: "deliveries/s",
      ours: figureOf([rate]),
      baseline: { name: "its pace within that limit", figure: figureOf([pacePerSecond]) },
      ratio: figureOf([rate / pacePerSecond]),
      target: { atLeast: 0.95 },
      note: `${count.toLocaleString("en")} drained in ${seconds} s with ${cores.toFixed(2)} cores; all ${waiting.toLocaleString("en")} would take ${minutes.toFixed(0)} min`,
    },
    {
      name: "… resident memory, second half of that time against the first",
      unit: "MiB",
      ours: end,
      baseline: { name: "in the first half", figure: begin },
      ratio: figureOf([end.median / begin.median]),
      target: { atMost: 1.1 },
      note: `the most ${Math.max(begin.max, end.max).toFixed(0)} MiB`,
    },
  ];
}

type Counted = { count: number; first: number; last: number };

async function countedAt(url: string): Promise<Counted> {
  return (await fetch(url)).json() as Promise<Counted>;
}
