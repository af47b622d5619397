import { hash } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { MigrationFailed } from "../model/errors.ts";
import {
  type CarriedRow,
  type CarriedTable,
  type CarriedValue,
  carriedTables,
  columnsOf,
  keyOf,
} from "./carried-tables.ts";

/** A ledger that is to be moved. A gateway may be at work on it: it goes on taking leads. */
export interface TransferSource {
  /** From now on nothing is delivered from here, whoever tries, and every change is noted. Resolves to the transfer's id. */
  hold(now: number): string;
  /** Attempts under way, whose lease is not over. */
  underWay(now: number): number;
  count(table: CarriedTable): number;
  page(table: CarriedTable, after: Cursor | null, limit: number): Page;
  /** Rows by their keys; those that are no more are not among them. */
  rows(table: CarriedTable, keys: readonly (readonly CarriedValue[])[]): CarriedRow[];
  /** All deliveries of leads. */
  deliveriesOf(leads: readonly string[]): CarriedRow[];
  /** What has changed since it was held, the oldest first. */
  changes(limit: number): { n: number; table: string; key: CarriedValue[] }[];
  /** These changes have been carried over. */
  forget(upTo: number): void;
  /** Keeps everyone else out; false while another process has the ledger open. */
  seclude(): boolean;
  /** Says for good that the ledger is elsewhere: no program opens it any more. */
  seal(): void;
  /** Takes back what `hold` did. */
  release(): void;
  close(): void;
}

/** How far a table has been read; what it means is the store's. */
export type Cursor = readonly CarriedValue[];

/** About as many rows as asked for, in an order that does not change, and where the following ones begin: null when there are none. */
export type Page = { rows: CarriedRow[]; next: Cursor | null };

/** Where a ledger is moved to. No gateway works there before the transfer is done. */
export interface TransferTarget {
  /** Begins, or goes on with, this transfer. @throws {MigrationFailed} when something else is there */
  begin(id: string): Promise<void>;
  /** How far a table was copied; null when nothing of it was, "done" when all of it. */
  cursor(table: CarriedTable): Promise<Cursor | "done" | null>;
  /** Writes rows over what is there under the same keys, and how far that is, together. */
  put(table: CarriedTable, rows: readonly CarriedRow[], cursor: Cursor | "done"): Promise<void>;
  /** Carries changes over, together. */
  change(changes: {
    put: readonly { table: CarriedTable; rows: readonly CarriedRow[] }[];
    remove: readonly { table: CarriedTable; keys: readonly (readonly CarriedValue[])[] }[];
    /** Leads whose deliveries are these and no others. */
    leads: readonly string[];
    deliveries: readonly CarriedRow[];
  }): Promise<void>;
  page(table: CarriedTable, after: Cursor | null, limit: number): Promise<Page>;
  /** Everything is here and verified; only the source has to be sealed yet. */
  verified(): Promise<void>;
  /** From now on gateways work here. */
  done(): Promise<void>;
}

/** How one table compares. */
export type Compared = { table: string; rows: number; checksum: string; same: boolean };

/** What a transfer is at, for people. */
export type TransferStep =
  | { type: "settling"; underWay: number }
  | { type: "copying"; table: string; copied: number; of: number }
  | { type: "following"; carried: number }
  | { type: "waiting" }
  | { type: "verifying"; table: string };

export type TransferOptions = {
  source: TransferSource;
  target: TransferTarget;
  now(): number;
  report(step: TransferStep): void;
  /** Rows carried at a time. @default 1_000 */
  size?: number;
};

const lookEveryMs = 250;
/** Reading is cheaper than writing: verifying takes so many times more rows at once. */
const rowsReadPerWritten = 5;
/** Longer than any lease. */
const longestSettlingMs = 120_000;

/**
 * Moves a ledger from one store to another while a gateway may go on taking leads at the source. Begun again after it broke off,
 * it goes on where it was.
 *
 * Nothing is sent twice: the source delivers nothing from `hold` on, attempts under way are waited for (or come over as claimed, and are
 * recovered as uncertain), and the target delivers nothing before the source has been sealed.
 */
export async function transfer(options: TransferOptions): Promise<Compared[]> {
  const { source, target, now, report, size = 1_000 } = options;
  await target.begin(source.hold(now()));
  for (const end = now() + longestSettlingMs; source.underWay(now()) > 0 && now() < end; await wait(lookEveryMs)) {
    report({ type: "settling", underWay: source.underWay(now()) });
  }
  for (const table of carriedTables) await copy(table, options);
  for (let alone = false; !alone; ) {
    const carried = await follow(source, target, size);
    if (carried > 0) report({ type: "following", carried });
    else if (source.seclude()) alone = true;
    else {
      report({ type: "waiting" });
      await wait(lookEveryMs);
    }
  }
  // What came between the last look and the others being kept out.
  while ((await follow(source, target, size)) > 0);
  const compared: Compared[] = [];
  for (const table of carriedTables) {
    report({ type: "verifying", table: table.name });
    compared.push(await compare(table, options));
  }
  const different = compared.filter(({ same }) => !same).map(({ table }) => table);
  if (different.length > 0) {
    throw new MigrationFailed(
      `The copy differs from the ledger in: ${different.join(", ")}. Nothing was switched over. Run leadkeep migrate --cancel, then begin again.`,
    );
  }
  await target.verified();
  source.seal();
  await target.done();
  return compared;
}

async function copy(table: CarriedTable, { source, target, report, size = 1_000 }: TransferOptions): Promise<void> {
  let cursor = await target.cursor(table);
  const of = source.count(table);
  for (let copied = 0; cursor !== "done"; ) {
    const { rows, next } = source.page(table, cursor, size);
    cursor = next ?? "done";
    await target.put(table, rows, cursor);
    copied += rows.length;
    report({ type: "copying", table: table.name, copied, of: Math.max(of, copied) });
  }
}

/** Carries over what has changed at the source; resolves to how many changes those were. */
async function follow(source: TransferSource, target: TransferTarget, size: number): Promise<number> {
  const changes = source.changes(size);
  const last = changes.at(-1);
  if (!last) return 0;
  const put: { table: CarriedTable; rows: CarriedRow[] }[] = [];
  const remove: { table: CarriedTable; keys: CarriedValue[][] }[] = [];
  const leads = new Set<string>();
  for (const table of carriedTables) {
    const keys = distinct(changes.filter((change) => change.table === table.name).map(({ key }) => key));
    if (keys.length === 0) continue;
    // A lead may have deliveries that have no row of their own yet, so all of its deliveries are carried together.
    if (table.name === "leads" || table.name === "deliveries") for (const [lead] of keys) leads.add(String(lead));
    if (table.name === "deliveries") continue;
    const rows = source.rows(table, keys);
    const found = new Set(rows.map((row) => JSON.stringify(keyOf(table, row))));
    put.push({ table, rows });
    remove.push({ table, keys: keys.filter((key) => !found.has(JSON.stringify(key))) });
  }
  const ids = [...leads];
  await target.change({ put, remove, leads: ids, deliveries: source.deliveriesOf(ids) });
  source.forget(last.n);
  return changes.length;
}

function distinct(keys: readonly CarriedValue[][]): CarriedValue[][] {
  return [...new Map(keys.map((key) => [JSON.stringify(key), key])).values()];
}

async function compare(table: CarriedTable, { source, target, size = 1_000 }: TransferOptions): Promise<Compared> {
  const pageSize = size * rowsReadPerWritten;
  const [here, there] = await Promise.all([
    summed(table, async (after) => source.page(table, after, pageSize)),
    summed(table, (after) => target.page(table, after, pageSize)),
  ]);
  const same = here.rows === there.rows && here.checksum === there.checksum;
  return { table: table.name, ...here, same };
}

/** A checksum over all values of all rows, whatever their order: the sums of the two first words of the rows' SHA-256. */
async function summed(
  table: CarriedTable,
  page: (after: Cursor | null) => Promise<Page>,
): Promise<{ rows: number; checksum: string }> {
  const columns = columnsOf(table);
  const sum: [bigint, bigint] = [0n, 0n];
  let count = 0;
  let after: Cursor | null = null;
  do {
    const { rows, next }: Page = await page(after);
    for (const row of rows) {
      const values = JSON.stringify(columns.map((column) => row[column] ?? null));
      const digest = hash("sha256", values, "buffer");
      sum[0] += digest.readBigUInt64LE(0);
      sum[1] += digest.readBigUInt64LE(8);
    }
    count += rows.length;
    after = next;
  } while (after !== null);
  const checksum = sum.map((half) => BigInt.asUintN(64, half).toString(16).padStart(16, "0")).join("");
  return { rows: count, checksum };
}
