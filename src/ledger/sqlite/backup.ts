import { closeSync, existsSync, fsyncSync, linkSync, openSync, rmSync } from "node:fs";
import { backup, DatabaseSync } from "node:sqlite";
import { LeadkeepError } from "../../model/errors.ts";
import { schemaKnown } from "./migrate.ts";

/** How many rows each table has. */
export type TableCounts = Record<string, number>;

/** What a backup holds, or why it cannot be relied on. */
export type Examined = { counts: TableCounts } | { problem: string };

/**
 * All pages in one step: SQLite begins anew whenever another process commits between two
 * (https://www.sqlite.org/backup.html, read 2026-11), which a busy gateway does all the time. Writers go on meanwhile (WAL).
 */
const allPages = 2 ** 31 - 1;

/**
 * Copies a ledger that may be in use to a file of its own, looks whether the copy is whole, and only then gives it its name.
 * @throws {LeadkeepError} `no_ledger`, `backup_exists`, `backup_failed`
 */
export async function backUp(ledger: string, file: string): Promise<TableCounts> {
  if (!existsSync(ledger)) throw new LeadkeepError("no_ledger", `There is no ledger at ${ledger} to back up.`);
  return copyWhole(ledger, file, (draft) => {
    const examined = examineBackup(draft);
    if ("problem" in examined) throw new Error(examined.problem);
    return examined.counts;
  });
}

/** The same for the file of keys that seal leads. Copied after the ledger it has all keys of the copy. Resolves to how many. */
export function backUpKeys(keys: string, file: string): Promise<number> {
  if (!existsSync(keys)) throw new LeadkeepError("no_keys", `There are no keys at ${keys}: no lead is sealed.`);
  return copyWhole(keys, file, (draft) => {
    const db = new DatabaseSync(draft, { readOnly: true });
    try {
      return countOf(db, "data_keys");
    } finally {
      db.close();
    }
  });
}

async function copyWhole<T>(from: string, file: string, examine: (draft: string) => T): Promise<T> {
  if (existsSync(file)) throw new LeadkeepError("backup_exists", `${file} exists already. Name another file.`);
  const draft = `${file}.${process.pid}.part`;
  try {
    // Made first, so that it is never readable by others.
    closeSync(openSync(draft, "wx", 0o600));
    await copy(from, draft);
    const found = examine(draft);
    linkSync(draft, file);
    return found;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new LeadkeepError("backup_failed", `The backup ${file} could not be written: ${why}.`, { cause });
  } finally {
    for (const rest of ["", "-journal", "-wal", "-shm"]) rmSync(`${draft}${rest}`, { force: true });
  }
}

/** Looks whether a backup is a whole ledger. Changes nothing. */
export function examineBackup(file: string): Examined {
  if (!existsSync(file)) return { problem: "there is no such file" };
  let db: DatabaseSync | null = null;
  try {
    db = new DatabaseSync(file, { readOnly: true });
    const [found] = db.prepare("PRAGMA integrity_check(1)").all();
    if (found?.integrity_check !== "ok") return { problem: `it is damaged: ${String(found?.integrity_check)}` };
    const version = Number(db.prepare("PRAGMA user_version").get()?.user_version);
    const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'").all();
    const names = tables.map(({ name }) => String(name)).sort();
    if (version < 1 || !names.includes("leads")) return { problem: "it is a database, but not a ledger" };
    if (version > schemaKnown) {
      return {
        problem: `it has schema ${version}, and this program knows only ${schemaKnown}; use the newer Leadkeep`,
      };
    }
    return { counts: Object.fromEntries(names.map((name) => [name, countOf(db, name)])) };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  } finally {
    db?.close();
  }
}

/** The copy is one file that needs no other beside it, and is on disk when this resolves. */
async function copy(ledger: string, draft: string): Promise<void> {
  const source = new DatabaseSync(ledger, { readOnly: true, timeout: 5_000 });
  try {
    await backup(source, draft, { rate: allPages });
  } finally {
    source.close();
  }
  const copied = new DatabaseSync(draft);
  copied.exec("PRAGMA journal_mode = DELETE");
  copied.close();
  const handle = openSync(draft, "r+");
  fsyncSync(handle);
  closeSync(handle);
}

function countOf(db: DatabaseSync | null, table: string): number {
  return Number(db?.prepare(`SELECT COUNT(*) AS n FROM "${table}"`).get()?.n);
}
