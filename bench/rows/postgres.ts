import { openPostgresLedger } from "../../src/ledger/postgres/postgres-ledger.ts";
import { aBenchPostgres, type BenchPostgres, futureDeliveries } from "../support/a-bench-postgres.ts";
import { cpuSecondsOf } from "../support/cpu.ts";
import { aFolder, command, type Running, startGateway, startScript } from "../support/processes.ts";
import type { Row } from "../support/row.ts";
import { figureOf } from "../support/statistics.ts";
import { type Load, load, rowOf, variables } from "./accept.ts";
import { arrivedAt, bareLoop, configFor, fill } from "./drain.ts";

const connections = 64;
const secret = "the-same-on-every-machine";
const destinations = ["zapier", "make", "webhook"];

/** Accepted leads a second by 1, 2 and 4 gateways that share a Postgres on this machine, and who used the processor meanwhile. */
export async function postgresAcceptRows(rounds: number, seconds: number): Promise<Row[]> {
  const postgres = await aBenchPostgres();
  const echo = await startScript("echo-server.ts");
  const rows: Row[] = [];
  for (const processes of [1, 2, 4]) {
    const site = await aSite(postgres, `accept_${processes}`, { processes, paused: true });
    const ours: Load[] = [];
    const bare: Load[] = [];
    const used: string[] = [];
    await load(`${echo.url}/`, 1);
    await site.load(2);
    for (let i = 0; i < rounds; i++) {
      bare.push(await load(`${echo.url}/`, seconds));
      const before = site.cpu();
      const seen = await site.load(seconds);
      ours.push(seen);
      used.push(shareOf(before, site.cpu(), { seconds, leads: seen.rate * seconds }));
    }
    await site.stop();
    const name = `accept, durable, Postgres, ${processes} gateway${processes === 1 ? "" : "s"}`;
    const row = rowOf(name, "leads/s", ours, bare, ({ rate }) => rate, { atLeast: 0.3 });
    rows.push({ ...row, note: used.join("; ") });
  }
  await echo.stop();
  await postgres.remove();
  return rows;
}

/** Deliveries a second while 1 and 2 gateways drain a backlog on Postgres to a local sink. */
export async function postgresDrainRows(rounds: number, total: number): Promise<Row[]> {
  const postgres = await aBenchPostgres();
  const sink = await startScript("sink-server.ts");
  const rows: Row[] = [];
  for (const processes of [1, 2]) {
    const ours: number[] = [];
    const bare: number[] = [];
    const used: string[] = [];
    for (let i = 0; i < rounds; i++) {
      bare.push(await bareLoop(sink.url, total));
      const database = await postgres.ledger(`drain_${processes}_${i}`);
      const { rate, cpu } = await drained(postgres, database, { sink, total, processes });
      ours.push(rate);
      const each = (seconds: number): string => ((seconds / total) * 1e6).toFixed(0);
      used.push(
        `of a core for each delivery, start of the gateways included: gateways ${each(cpu.gateways)} µs, Postgres ${each(cpu.postgres)} µs`,
      );
    }
    rows.push({
      name: `drain ${total.toLocaleString("en")}, Postgres, ${processes} gateway${processes === 1 ? "" : "s"}`,
      unit: "deliveries/s",
      ours: figureOf(ours),
      baseline: { name: "bare undici loop", figure: figureOf(bare) },
      ratio: figureOf(ours.map((rate, i) => rate / (bare[i] ?? rate))),
      target: { atLeast: 0.1 },
      note: used.join("; "),
    });
  }
  await sink.stop();
  await postgres.remove();
  return rows;
}

/** Accepting and delivering new leads while so many deliveries wait for a later day, against a ledger where none does. */
export async function postgresFutureRows(rounds: number, waiting: number): Promise<Row[]> {
  const postgres = await aBenchPostgres();
  const sink = await startScript("sink-server.ts");
  const accepting = { ours: [] as Load[], bare: [] as Load[] };
  const delivering = { ours: [] as number[], bare: [] as number[] };
  const total = 5_000;
  const full = await postgres.ledger("with_future");
  const empty = await postgres.ledger("without_future");
  await postgres.run(full, ...futureDeliveries(waiting));
  const of = `${waiting.toLocaleString("en")} deliveries waiting for later, Postgres`;
  // Both are measured in turn, and the first round, which warms them up, does not count.
  for (let i = 0; i <= rounds; i++) {
    for (const which of inTurn(i)) {
      const { rate } = await drained(postgres, which === "ours" ? full : empty, { sink, total, processes: 1 });
      if (i > 0) delivering[which].push(rate);
    }
    // With statistics and a clean table, like the full one.
    if (i === 0) await postgres.run(empty, "VACUUM ANALYZE", "CHECKPOINT");
  }
  const sites = {
    bare: await aSite(postgres, empty, { processes: 1, paused: true }),
    ours: await aSite(postgres, full, { processes: 1, paused: true }),
  };
  for (let i = 0; i <= rounds; i++) {
    for (const which of inTurn(i)) {
      const seen = await sites[which].load(i === 0 ? 2 : 5);
      if (i > 0) accepting[which].push(seen);
    }
  }
  await Promise.all([sites.bare.stop(), sites.ours.stop(), sink.stop()]);
  await postgres.remove();
  const baseline = "none waiting";
  return [
    {
      name: `deliver new leads, ${of}`,
      unit: "deliveries/s",
      ours: figureOf(delivering.ours),
      baseline: { name: baseline, figure: figureOf(delivering.bare) },
      ratio: figureOf(delivering.ours.map((rate, i) => rate / (delivering.bare[i] ?? rate))),
      target: { atLeast: 0.9 },
    },
    withBaseline(
      rowOf(`accept, ${of}`, "leads/s", accepting.ours, accepting.bare, ({ rate }) => rate, { atLeast: 0.9 }),
      baseline,
    ),
  ];
}

/** Whoever goes first one time goes second the next. */
function inTurn(round: number): readonly ("bare" | "ours")[] {
  return round % 2 === 0 ? ["bare", "ours"] : ["ours", "bare"];
}

function withBaseline(row: Row, name: string): Row {
  return { ...row, baseline: row.baseline && { ...row.baseline, name } };
}

/** Keeps so many new leads, and measures how fast gateways bring them to the sink. */
async function drained(
  postgres: BenchPostgres,
  database: string,
  { sink, total, processes }: { sink: Running; total: number; processes: number },
): Promise<{ rate: number; cpu: Pick<Used, "gateways" | "postgres"> }> {
  const ledger = await openPostgresLedger({ url: database });
  await fill(ledger, total);
  await ledger.close();
  await fetch(sink.url, { method: "DELETE" });
  const before = cpuSecondsOf([postgres.pid]);
  const gateways = await startGateways(database, processes, { config: configFor(sink.url) });
  const rate = await arrivedAt(sink.url, total);
  const cpu = { gateways: gateways.cpu(), postgres: cpuSecondsOf([postgres.pid]) - before };
  await gateways.stop();
  return { rate, cpu };
}

type Site = { load(seconds: number): Promise<Load>; cpu(): Used; stop(): Promise<void> };
type Used = { gateways: number; postgres: number; load: number };

/** Gateways on a ledger (its address, or a name for a new one), with a load for all of them together. */
async function aSite(
  postgres: BenchPostgres,
  ledger: string,
  { processes, paused }: { processes: number; paused: boolean },
): Promise<Site> {
  const database = ledger.includes("://") ? ledger : await postgres.ledger(ledger);
  const gateways = await startGateways(database, processes, { paused });
  return {
    async load(seconds) {
      const each = connections / processes;
      const loads = await Promise.all(gateways.running.map(({ url }) => load(`${url}/f/contact`, seconds, each)));
      return {
        rate: loads.reduce((sum, { rate }) => sum + rate, 0),
        p99: Math.max(...loads.map(({ p99 }) => p99)),
      };
    },
    cpu: () => ({
      gateways: gateways.cpu(),
      postgres: cpuSecondsOf([postgres.pid]),
      load: process.cpuUsage().user / 1e6 + process.cpuUsage().system / 1e6,
    }),
    stop: gateways.stop,
  };
}

async function startGateways(
  database: string,
  processes: number,
  { paused = false, config }: { paused?: boolean; config?: string },
): Promise<{ running: Running[]; cpu(): number; stop(): Promise<void> }> {
  const { folder, remove } = aFolder();
  const all = { ...(config ? {} : variables), DATABASE_URL: database, LEADKEEP_SECRET: secret };
  if (paused) for (const destination of destinations) await command(folder, all, "pause", destination);
  const running = await Promise.all(
    Array.from({ length: processes }, () =>
      startGateway({ folder, variables: all, ...(config === undefined ? {} : { config }) }),
    ),
  );
  return {
    running,
    cpu: () => cpuSecondsOf(running.map(({ child }) => child.pid ?? 0)),
    async stop() {
      await Promise.all(running.map((gateway) => gateway.stop()));
      remove();
    },
  };
}

/** Cores in use, on average over the time measured, and what a lead takes of a core. */
function shareOf(before: Used, after: Used, { seconds, leads }: { seconds: number; leads: number }): string {
  const cores = (who: keyof Used): string => ((after[who] - before[who]) / seconds).toFixed(2);
  const each = (who: keyof Used): string => (((after[who] - before[who]) / leads) * 1e6).toFixed(0);
  return (
    `cores used: gateways ${cores("gateways")}, Postgres ${cores("postgres")}, load generator ${cores("load")}; ` +
    `of a core for each lead: gateways ${each("gateways")} µs, Postgres ${each("postgres")} µs`
  );
}
