import { setTimeout as wait } from "node:timers/promises";
import type { KeyedHash } from "../../intake/keyed-hash.ts";
import type { Entry, Ledger } from "../../ledger/ledger.ts";
import { LedgerUnavailable } from "../../model/errors.ts";
import type { Rights } from "../../privacy/rights.ts";
import { type ImportRules, importLead } from "./import-lead.ts";
import type { Row } from "./rows.ts";

/** What came of a file. `knownPersons`: imported leads of people who had one before. `repeated`: rows imported before. */
export type ImportCounts = {
  rows: number;
  imported: number;
  knownPersons: number;
  repeated: number;
  erasedPersons: number;
  rejected: number;
  /** Deliveries of imported leads, by destination. */
  deliveries: Record<string, number>;
};

/** Before the first row. */
export const noCounts: ImportCounts = {
  ...{ rows: 0, imported: 0, knownPersons: 0, repeated: 0, erasedPersons: 0, rejected: 0 },
  deliveries: {},
};

/** What an import works with. */
export type ImportRun = {
  ledger: Pick<Ledger, "accept" | "listLeads">;
  rights: Pick<Rights, "isErased">;
  personKeys: KeyedHash["personKeys"];
  rules: ImportRules;
  dryRun: boolean;
  now(): number;
  /** Told of each row that becomes no lead. */
  rejected(row: Row, problem: string): Promise<void>;
  /** Told after each batch. */
  progress(counts: ImportCounts): void;
};

/** Rows worked on at once: they share the ledger's commits, and bound the memory. */
const batchSize = 256;
const waitsMs = [500, 1_000, 2_000, 5_000, 10_000];

/**
 * Imports rows, some at a time. A row that was imported before changes nothing, so a run that broke off is begun anew and goes on
 * where it ended. @throws {LedgerUnavailable} when the ledger cannot be written for some twenty seconds
 */
export async function runImport(rows: AsyncIterable<Row>, run: ImportRun): Promise<ImportCounts> {
  const counts: ImportCounts = { ...noCounts, deliveries: {} };
  for await (const batch of inBatches(rows)) {
    const now = run.now();
    const judged = await Promise.all(batch.map((row) => judge(row, run, now)));
    // Begun in the order of the file: of two rows alike the first is the lead.
    const kept = await Promise.all(
      judged.map(async (one) => one.type === "lead" && !run.dryRun && (await keep(run, one.entry))),
    );
    const seen = new Set<string | null>();
    for (const [n, one] of judged.entries()) {
      counts.rows += 1;
      if (one.type === "rejected") {
        counts.rejected += 1;
        await run.rejected(one.row, one.problem);
      } else if (one.type === "erased") {
        counts.erasedPersons += 1;
      } else if (kept[n]) {
        counts.repeated += 1;
      } else {
        count(counts, one.entry, one.isKnown || seen.has(one.entry.lead.person));
        seen.add(one.entry.lead.person);
      }
    }
    run.progress(counts);
  }
  return counts;
}

type Judged =
  | { type: "rejected"; row: Row; problem: string }
  | { type: "erased" }
  | { type: "lead"; entry: Entry; isKnown: boolean };

async function judge(row: Row, run: ImportRun, now: number): Promise<Judged> {
  const imported = await importLead(row, run.rules, now);
  if ("problem" in imported) return { type: "rejected", row, problem: imported.problem };
  const { entry, receivedAt } = imported;
  // Without a time of its own a row cannot be shown to be younger than the erasure.
  if (await run.rights.isErased(entry.lead, receivedAt ?? 0)) return { type: "erased" };
  return { type: "lead", entry, isKnown: await knows(run, entry) };
}

function count(counts: ImportCounts, { deliveries }: Entry, isKnown: boolean): void {
  counts.imported += 1;
  if (isKnown) counts.knownPersons += 1;
  for (const { destination } of deliveries) counts.deliveries[destination] = (counts.deliveries[destination] ?? 0) + 1;
}

/** Whether the person has a lead on record. */
async function knows({ ledger, personKeys }: ImportRun, { lead }: Entry): Promise<boolean> {
  const reach = lead.email ?? lead.phone;
  if (reach === null) return false;
  for await (const _ of ledger.listLeads({ person: personKeys(reach), limit: 1 })) return true;
  return false;
}

/** True when it was on record already. A ledger that is busy, or a disk that is full for a moment, is waited for. */
async function keep({ ledger }: ImportRun, entry: Entry): Promise<boolean> {
  for (const waitMs of waitsMs) {
    try {
      return (await ledger.accept(entry)).repeated;
    } catch (error) {
      if (!(error instanceof LedgerUnavailable)) throw error;
      await wait(waitMs);
    }
  }
  return (await ledger.accept(entry)).repeated;
}

async function* inBatches(rows: AsyncIterable<Row>): AsyncGenerator<Row[]> {
  let batch: Row[] = [];
  for await (const row of rows) {
    batch.push(row);
    if (batch.length < batchSize) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
