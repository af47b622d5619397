import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as pause } from "node:timers/promises";
import type { LeadFilter, LeadRecord, Ledger } from "../../src/ledger/ledger.ts";
import { openSqliteLedger } from "../../src/ledger/sqlite/sqlite-ledger.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/index.ts";
import { judge, type Verdict } from "./judge.ts";
import { type Load, startLoad } from "./load.ts";
import { aFreePort, startProgram } from "./program.ts";
import { seeded } from "./seeded.ts";
import { startWeather } from "./weather.ts";

export type CrashOptions = {
  /** How often the program is killed. */
  kills: number;
  /** Clients that post at once. */
  concurrency: number;
  /** Chooses faults and moments; what the machine makes of them differs from run to run. */
  seed: number;
  /** Told how far it is. */
  log(line: string): void;
  /** Run what `npm run build` made instead of the sources. @default false */
  built?: boolean;
};

export type CrashReport = Verdict & {
  kills: number;
  posts: number;
  /** Posts whose connection broke before the answer. */
  cutOff: number;
  /** Posts answered with something other than 202 or 503. */
  strange: readonly string[];
  /** What SQLite says of the file. */
  integrity: string;
  /** How the program ended on SIGTERM under load: its exit code, and what it left unfinished. */
  orderlyEnd: { exit: number | NodeJS.Signals; unfinished: string[] };
  tookMs: number;
};

/** Kills come at any moment up to this after the program answers again. */
const longestLifeMs = 600;
/** … and this long, at most, after a burst of new leads. */
const longestBurstMs = 15;
/** A backlog that does not shrink for this long is not going to. */
const stuckAfterMs = 45_000;

/**
 * Kills the real program again and again in the middle of its work, while its destinations fail in every way they can;
 * then lets it finish, and compares what senders were told with what is on record and what arrived.
 */
export async function runCrash({ kills, concurrency, seed, log, built = false }: CrashOptions): Promise<CrashReport> {
  const startedAt = performance.now();
  const random = seeded(seed);
  const folder = mkdtempSync(join(tmpdir(), "leadkeep-crash-"));
  const path = join(folder, "data", "ledger.db");
  const sandbox = await startSandbox({ random: seeded(seed + 1) });
  const calm = startWeather(sandbox, seeded(seed + 2));
  const port = await aFreePort();
  const start = () => startProgram({ folder, port, built, variables: variablesFor(sandbox, join(folder, "data")) });
  let program = start();
  const load = startLoad([program.url], { concurrency, random: seeded(seed + 3) });

  try {
    for (let kill = 1; kill <= kills; kill++) {
      await program.answers();
      load.offer(concurrency);
      await pause(random() * longestLifeMs);
      load.offer(concurrency);
      await pause(random() * longestBurstMs);
      await program.end("SIGKILL");
      log(`kill ${kill} of ${kills}, ${load.sent.length} leads sent`);
      program = start();
    }
    await program.answers();
    load.offer(2 * concurrency);
    await pause(random() * longestLifeMs);
    log("ending it in order, under load");
    const exit = await program.end("SIGTERM");
    const unfinished = await withLedger(path, unfinishedIn);

    program = start();
    await program.answers();
    await load.finish();
    calm();
    await withLedger(path, (ledger) => settled(ledger, log));
    const records = await withLedger(path, (ledger) => listOf(ledger));
    return {
      ...judge(load.sent, records, hooksOf(sandbox)),
      ...figuresOf(load),
      kills,
      integrity: integrityOf(path),
      orderlyEnd: { exit, unfinished },
      tookMs: performance.now() - startedAt,
    };
  } finally {
    calm();
    await load.close();
    await program.end("SIGKILL").catch(() => {});
    await sandbox.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Everything the report holds that must not be. */
export function brokenPromises(report: CrashReport): string[] {
  const { lost, confused, unexplained, unwritten, strange, integrity, orderlyEnd } = report;
  return [
    ...[...lost, ...confused, ...unexplained, ...unwritten, ...strange, ...orderlyEnd.unfinished],
    ...(integrity === "ok" ? [] : [`the ledger's file is damaged: ${integrity}`]),
    ...(orderlyEnd.exit === 0 ? [] : [`it ended with ${orderlyEnd.exit} when told to stop`]),
  ];
}

/** Many short waits, so that nothing becomes a dead letter by design. */
/** The receivers that can only be told, so that every repeat on the wire can be counted. */
function hooksOf({ vendors: { zapier, make, webhook } }: Sandbox) {
  return [zapier, make, webhook];
}

function variablesFor({ vendors }: Sandbox, dataFolder: string): Record<string, string> {
  return {
    ZAPIER_WEBHOOK_URL: vendors.zapier.url,
    MAKE_WEBHOOK_URL: vendors.make.url,
    CRM_WEBHOOK_URL: vendors.webhook.url,
    LEADKEEP_DATA: dataFolder,
    LEADKEEP_SCHEDULE: Array(50).fill("100ms").join(","),
    LEADKEEP_TIMEOUT: "500ms",
    LEADKEEP_ALLOW_PRIVATE_NETWORK: "1",
    LEADKEEP_LOG_LEVEL: "silent",
  };
}

/** Waits until nothing is waiting; gives up on a backlog that is stuck, for the verdict to say so. */
export async function settled(ledger: Ledger, log: (line: string) => void): Promise<void> {
  let fewest = Number.POSITIVE_INFINITY;
  let shrankAt = performance.now();
  while (fewest > 0 && performance.now() - shrankAt < stuckAfterMs) {
    const open = (await ledger.backlog()).filter(({ state }) => state === "pending" || state === "claimed");
    const waiting = open.reduce((sum, { count }) => sum + count, 0);
    if (waiting < fewest) {
      fewest = waiting;
      shrankAt = performance.now();
      log(`settling, ${waiting} deliveries wait`);
    }
    await pause(100);
  }
}

/** What a process that ended in order must not leave behind. */
async function unfinishedIn(ledger: Ledger): Promise<string[]> {
  const records = await listOf(ledger, { deliveryState: "claimed" });
  return records.map(({ lead }) => `${lead.id} was left in the middle of an attempt by an orderly end`);
}

/** Every lead on record that fits, with all that is known of it. */
export async function listOf(ledger: Ledger, filter: LeadFilter = {}): Promise<LeadRecord[]> {
  const records: LeadRecord[] = [];
  for await (const record of ledger.listLeads(filter)) records.push(record);
  return records;
}

async function withLedger<T>(path: string, work: (ledger: Ledger) => Promise<T>): Promise<T> {
  const ledger = openSqliteLedger({ path });
  try {
    return await work(ledger);
  } finally {
    await ledger.close();
  }
}

function integrityOf(path: string): string {
  const db = new DatabaseSync(path);
  const rows = db.prepare("PRAGMA integrity_check").all();
  db.close();
  return rows.map(({ integrity_check }) => String(integrity_check)).join("; ");
}

function figuresOf({ posts, cutOff, strange }: Load): Pick<CrashReport, "posts" | "cutOff" | "strange"> {
  return { posts, cutOff, strange };
}
