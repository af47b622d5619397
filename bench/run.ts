/**
 * `npm run bench [-- --quick] [row…]`: measures the rows of docs/performance.md as ratios to baselines of the same run, prints
 * the table, and writes bench/results/latest.json. Rows: accept, sealing, drain, latency, start, console, postgres-accept, postgres-drain,
 * postgres-future.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { table } from "../src/cli/output.ts";
import { acceptRows } from "./rows/accept.ts";
import { consoleRows } from "./rows/console.ts";
import { drainRow } from "./rows/drain.ts";
import { latencyRow } from "./rows/latency.ts";
import { postgresAcceptRows, postgresDrainRows, postgresFutureRows } from "./rows/postgres.ts";
import { sealingRows } from "./rows/sealing.ts";
import { startRow } from "./rows/start.ts";
import { type Row, rowLine } from "./support/row.ts";

const args = process.argv.slice(2);
const quick = args.includes("--quick");
const measures: Record<string, () => Promise<Row[]>> = {
  accept: () => acceptRows(quick ? 1 : 5, quick ? 3 : 8),
  sealing: () => sealingRows(quick ? 2 : 5, quick ? 3 : 8),
  drain: async () => [await drainRow(quick ? 1 : 3, quick ? 10_000 : 100_000)],
  latency: async () => [await latencyRow(quick ? 30 : 200)],
  start: async () => [await startRow(quick ? 3 : 9)],
  console: () => consoleRows(quick ? 50_000 : 1_000_000, quick ? 3 : 9),
  "postgres-accept": () => postgresAcceptRows(quick ? 1 : 3, quick ? 3 : 5),
  "postgres-drain": () => postgresDrainRows(quick ? 1 : 2, quick ? 4_000 : 20_000),
  "postgres-future": () => postgresFutureRows(quick ? 1 : 2, quick ? 100_000 : 2_000_000),
};
const wanted = args.filter((arg) => !arg.startsWith("--"));
const unknown = wanted.filter((name) => !measures[name]);
if (unknown.length > 0) {
  console.error(`There is no row ${unknown.join(", ")}. Rows: ${Object.keys(measures).join(", ")}.`);
  process.exit(2);
}

const rows: Row[] = [];
for (const [name, measure] of Object.entries(measures)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  process.stderr.write(`measuring ${name} …\n`);
  rows.push(...(await measure()));
}
const machine = {
  node: process.version,
  cpus: cpus().length,
  model: cpus()[0]?.model ?? "",
  memoryMiB: Math.round(totalmem() / 2 ** 20),
};
mkdirSync(new URL("results/", import.meta.url), { recursive: true });
writeFileSync(new URL("results/latest.json", import.meta.url), `${JSON.stringify({ machine, rows }, null, 2)}\n`);
console.log(`${machine.model}, ${machine.cpus} cores, Node ${machine.node}\n`);
for (const line of table([["row", "ours", "baseline", "ratio (rounds)", "target", ""], ...rows.map(rowLine)], 70))
  console.log(line);
for (const { name, note } of rows) if (note) console.log(`${name}: ${note}`);
