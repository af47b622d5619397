/**
 * `npm run bench [-- --quick] [-- --ten-million] [-- --draw] [row…]`: measures the rows of docs/performance.md as ratios to baselines
 * of the same run and prints the table. What was measured stands in bench/results/latest.json (quick runs: quick.json), part by part.
 * A full run also draws the chart and writes the tables of docs/performance.md; so does `--draw`, which without a row measures nothing.
 */
import { table } from "../src/cli/output.ts";
import { acceptRows, type Effort } from "./rows/accept.ts";
import { browserRows } from "./rows/browser.ts";
import { consoleRows } from "./rows/console.ts";
import { drainRow } from "./rows/drain.ts";
import { latencyRow } from "./rows/latency.ts";
import { memoryRows } from "./rows/memory.ts";
import { outageRows } from "./rows/outage.ts";
import { postgresAcceptRows, postgresDrainRows, postgresFutureRows } from "./rows/postgres.ts";
import { sealingRows } from "./rows/sealing.ts";
import { sizeRows } from "./rows/size.ts";
import { startRows } from "./rows/start.ts";
import { upkeepRows } from "./rows/upkeep.ts";
import { draw } from "./support/document.ts";
import { endAll } from "./support/processes.ts";
import { beginPart, planProgress } from "./support/progress.ts";
import { readResults, thisMachine, writePart } from "./support/results.ts";
import { cellsOf, type Row } from "./support/row.ts";

const args = process.argv.slice(2);
const quick = args.includes("--quick");
const tenMillion = args.includes("--ten-million");
const wanted = args.filter((arg) => !arg.startsWith("--"));
const onlyDraw = args.includes("--draw") && wanted.length === 0;

const many = quick ? 50_000 : 1_000_000;
const sizes = quick ? [50_000] : [100_000, 1_000_000, ...(tenMillion ? [10_000_000] : [])];
const forUsual: Effort = quick ? { rounds: 1, seconds: 3 } : { rounds: 5, seconds: 8 };
const forOthers: Effort = quick ? { rounds: 1, seconds: 1 } : { rounds: 3, seconds: 3 };
const outage = quick
  ? { waiting: 100_000, rounds: 1, seconds: 2, drainSeconds: 6 }
  : { waiting: 2_000_000, rounds: 3, seconds: 5, drainSeconds: 60 };

// Peers and vendors load much that no other part needs, and only when they are measured.
/** `seconds`: how long a full one takes on a quiet machine with two cores, until results tell better. */
type Measure = { seconds: number; rows(): Promise<Row[]> };
const measures: Record<string, Measure> = {
  accept: { seconds: 250, rows: () => acceptRows(forUsual, forOthers) },
  sealing: { seconds: 90, rows: () => sealingRows(quick ? 2 : 5, quick ? 3 : 8) },
  drain: { seconds: 70, rows: async () => [await drainRow(quick ? 1 : 3, quick ? 10_000 : 100_000)] },
  latency: { seconds: 10, rows: async () => [await latencyRow(quick ? 30 : 200)] },
  size: { seconds: 150, rows: () => sizeRows(sizes, quick ? 1 : 7) },
  upkeep: { seconds: 150, rows: () => upkeepRows(many, quick ? 1 : 2, quick ? 3_000 : 8_000) },
  outage: { seconds: 190, rows: () => outageRows(outage) },
  memory: { seconds: 100, rows: () => memoryRows(many, quick ? 10_000 : 100_000, quick ? 1 : 3, quick ? 3 : 8) },
  start: { seconds: 20, rows: () => startRows(quick ? 3 : 9, [many, ...(tenMillion && !quick ? [10_000_000] : [])]) },
  browser: { seconds: 15, rows: () => browserRows(quick ? 3 : 9) },
  console: { seconds: 60, rows: () => consoleRows(many, quick ? 3 : 9) },
  "vendor-calls": {
    seconds: 60,
    rows: async () => (await import("./rows/vendor-calls.ts")).vendorCallRows(quick ? 1_000 : 10_000),
  },
  "postgres-accept": { seconds: 150, rows: () => postgresAcceptRows(quick ? 1 : 3, quick ? 3 : 5) },
  "postgres-drain": { seconds: 90, rows: () => postgresDrainRows(quick ? 1 : 2, quick ? 4_000 : 20_000) },
  "postgres-future": { seconds: 200, rows: () => postgresFutureRows(quick ? 1 : 2, quick ? 100_000 : 2_000_000) },
  peers: { seconds: 300, rows: async () => (await import("./rows/peers.ts")).peerRows(quick ? 1 : 3, quick ? 2 : 4) },
};
const names = Object.keys(measures);
const unknown = wanted.filter((name) => !measures[name]);
if (unknown.length > 0) {
  console.error(`There is no row ${unknown.join(", ")}. Rows: ${names.join(", ")}.`);
  process.exit(2);
}
// What a run leaves in the temporary folder is removed when the process ends, also when it is told to.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));

const rows = onlyDraw ? [] : await measureAll(names.filter((name) => wanted.length === 0 || wanted.includes(name)));
if (!onlyDraw) print(rows);
if (!quick && (args.includes("--draw") || wanted.length === 0)) drawResults();

async function measureAll(chosen: readonly string[]): Promise<Row[]> {
  const last = new Map(readResults(quick)?.parts.map((part) => [part.name, part.seconds]));
  planProgress(
    chosen.map((name) => ({ name, seconds: last.get(name) ?? (measures[name]?.seconds ?? 0) / (quick ? 8 : 1) })),
  );
  const all: Row[] = [];
  for (const name of chosen) {
    beginPart(name);
    const begun = performance.now();
    try {
      const rows = (await measures[name]?.rows()) ?? [];
      const seconds = Math.round((performance.now() - begun) / 100) / 10;
      writePart({ name, measuredAt: new Date().toISOString(), seconds, rows }, quick);
      all.push(...rows);
    } catch (error) {
      // The other parts of a long run are worth having all the same.
      console.error(`${name} could not be measured:`, error);
      process.exitCode = 1;
    } finally {
      await endAll();
    }
  }
  return all;
}

function print(rows: readonly Row[]): void {
  const { model, cpus, node } = thisMachine();
  console.log(`${model}, ${cpus} cores, Node ${node}\n`);
  const head = ["row", "ours", "baseline", "ratio (rounds)", "to reach", ""];
  for (const line of table([head, ...rows.map(cellsOf)], 80)) console.log(line);
  // Those of a grid are many, and stand in the JSON.
  for (const { name, note, cell } of rows) if (note && !cell) console.log(`${name}: ${note}`);
}

function drawResults(): void {
  const results = readResults(false);
  if (results) {
    draw(results, names);
    return;
  }
  console.error("There are no results yet: npm run bench measures them.");
  process.exitCode = 1;
}
