import { setTimeout as wait } from "node:timers/promises";
import { openSqliteLedger } from "../../src/ledger/sqlite/sqlite-ledger.ts";
import { aBenchLead } from "../support/fill-ledger.ts";
import { copyOfKeptLedger } from "../support/kept-ledgers.ts";
import { aFolder, command, type Running, startGateway } from "../support/processes.ts";
import { tell, tellRound } from "../support/progress.ts";
import { watchResident } from "../support/resident.ts";
import type { Row } from "../support/row.ts";
import { figureOf } from "../support/statistics.ts";
import { loadOrCrowd, variables } from "./accept.ts";

const destinations = ["zapier", "make", "webhook"];
const quiet = { ...variables, LEADKEEP_LOG_LEVEL: "silent" };

/** The most resident memory seen of a gateway: with nothing to do, with a full ledger and a backlog, and under 512 connections. */
export async function memoryRows(leads: number, pending: number, rounds: number, seconds: number): Promise<Row[]> {
  const idle: number[] = [];
  const kept: number[] = [];
  const crowded: number[] = [];
  const full = await copyOfKeptLedger(leads);
  await addPending(full.folder, pending);
  for (let round = 0; round < rounds; round++) {
    tellRound("a gateway from its start on", round, rounds);
    const empty = aFolder();
    await paused(empty.folder, quiet);
    idle.push(await highest(empty.folder, quiet, () => wait(seconds * 1_000)));
    empty.remove();
    const site = aFolder();
    const all = { ...quiet, LEADKEEP_DATA: full.folder };
    if (round === 0) await paused(site.folder, all);
    kept.push(await highest(site.folder, all, () => wait(seconds * 1_000)));
    crowded.push(
      await highest(site.folder, all, async ({ url }) => void (await loadOrCrowd(`${url}/f/contact`, seconds, 512))),
    );
    site.remove();
  }
  full.remove();
  const of = `${leads.toLocaleString("en")} leads kept, ${pending.toLocaleString("en")} deliveries pending`;
  return [
    rowOf("resident memory, idle", idle, null),
    rowOf(`resident memory, ${of}`, kept, { atMost: 200 }),
    rowOf("… and 512 connections that post without a pause", crowded, null),
  ];
}

async function addPending(folder: string, pending: number): Promise<void> {
  tell("adding pending deliveries");
  const ledger = openSqliteLedger({ path: `${folder}/ledger.db` });
  const deliveries = destinations.map((destination) => ({
    destination,
    kind: destination,
    purpose: "enquiry",
    state: "pending" as const,
    reason: null,
  }));
  for (let n = Math.ceil(pending / destinations.length); n > 0; n -= 500) {
    const entries = Array.from({ length: Math.min(500, n) }, (_, i) => ({
      lead: aBenchLead(n + i, Date.now()),
      deliveries,
      key: null,
    }));
    await Promise.all(entries.map((entry) => ledger.accept(entry)));
  }
  await ledger.close();
}

async function paused(folder: string, all: Record<string, string>): Promise<void> {
  for (const destination of destinations) await command(folder, all, "pause", destination);
}

async function highest(
  folder: string,
  all: Record<string, string>,
  work: (gateway: Running) => Promise<void>,
): Promise<number> {
  const gateway = await startGateway({ folder, variables: all });
  const memory = watchResident(gateway.child.pid ?? 0);
  try {
    await work(gateway);
    return Math.max(...memory.take());
  } finally {
    memory.stop();
    await gateway.stop();
  }
}

function rowOf(name: string, most: readonly number[], target: Row["target"]): Row {
  return { name, unit: "MiB", ours: figureOf(most), baseline: null, ratio: null, target };
}
