import { chmodSync, closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { LeadkeepError, LedgerUnavailable } from "../../model/errors.ts";
import { migrate } from "./migrate.ts";
import { asUnavailable, cures, isBusy } from "./sqlite-error.ts";

/** How long opening waits for other processes that open the same file. */
const openPatienceMs = 5_000;
const lockPollMs = 10;

/**
 * Opens the database file, brings its schema up to date and prepares the statements on it. The folder is made when absent,
 * readable by this user only.
 * @throws {LedgerUnavailable} with the cause and the cure, {MigrationFailed}
 */
export function openDatabase<Statements>(
  path: string,
  prepare: (db: DatabaseSync) => Statements,
): { db: DatabaseSync; statements: Statements } {
  makeFolder(path);
  makeFile(path);
  let db: DatabaseSync | null = null;
  try {
    const opened = connect(path);
    db = opened;
    return patiently(() => {
      opened.exec("PRAGMA journal_mode = WAL");
      opened.exec(everyConnection);
      migrate(opened, path);
      return { db: opened, statements: prepare(opened) };
    });
  } catch (error) {
    db?.close();
    const known = asUnavailable(error, path);
    throw known instanceof LeadkeepError ? known : cannotOpen(path, error, cures.replace);
  }
}

/** What has to be said on each connection. */
const everyConnection = "PRAGMA synchronous = FULL; PRAGMA secure_delete = ON";

/** No wait of SQLite's own: it blocks the event loop, and the change to WAL does not honour it. */
function connect(path: string): DatabaseSync {
  return new DatabaseSync(path, { timeout: 0, enableForeignKeyConstraints: false });
}

/** One more connection to a ledger that is open already. */
export function openAnother<Statements>(
  path: string,
  prepare: (db: DatabaseSync) => Statements,
): { db: DatabaseSync; statements: Statements } {
  const db = connect(path);
  return patiently(() => {
    db.exec(everyConnection);
    return { db, statements: prepare(db) };
  });
}

/** Does it again while another process is in the way. Blocks: there is nothing to serve before the ledger is open. */
function patiently<T>(work: () => T): T {
  const sleeper = new Int32Array(new SharedArrayBuffer(4));
  const deadline = performance.now() + openPatienceMs;
  for (;;) {
    try {
      return work();
    } catch (error) {
      if (!isBusy(error) || performance.now() > deadline) throw error;
      Atomics.wait(sleeper, 0, 0, lockPollMs);
    }
  }
}

function makeFolder(path: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  } catch (error) {
    throw cannotOpen(path, error, cures.permit);
  }
}

/** What cannot be made is left to SQLite, which knows more of why. */
function makeFile(path: string): void {
  try {
    openOwnFile(path);
  } catch {}
}

/** Makes a database file readable by this user only when it is absent, whatever the umask. SQLite gives its log the same mode. */
export function openOwnFile(path: string): void {
  try {
    closeSync(openSync(path, "wx", 0o600));
    chmodSync(path, 0o600);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
}

function cannotOpen(path: string, cause: unknown, cure: string): LedgerUnavailable {
  const message = cause instanceof Error ? cause.message : String(cause);
  return new LedgerUnavailable(`Cannot open the ledger at ${path}: ${message}. ${cure}`, { cause });
}
