import { readdirSync, readFileSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { MigrationFailed } from "../../model/errors.ts";
import { asUnavailable } from "./sqlite-error.ts";

const folder = new URL("./migrations/", import.meta.url);

/**
 * Brings the schema up to date: numbered SQL files, forward only, each in its own transaction. Safe with several processes
 * starting at once, since the number is read again under the write lock.
 * @throws {MigrationFailed}, and SQLite's own error when the place is the trouble
 */
export function migrate(db: DatabaseSync, path: string): void {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith(".sql"))
    .sort();
  const known = files.length;
  if (version(db) > known) {
    throw new MigrationFailed(
      `The ledger at ${path} has schema ${version(db)}, but this program knows only ${known}. Use the newer Leadkeep that wrote it.`,
    );
  }
  for (const [i, name] of files.entries()) {
    if (version(db) > i) continue;
    try {
      db.exec("BEGIN IMMEDIATE");
      if (version(db) === i) {
        db.exec(readFileSync(new URL(name, folder), "utf8"));
        db.exec(`PRAGMA user_version = ${i + 1}`);
      }
      db.exec("COMMIT");
    } catch (cause) {
      if (db.isTransaction) db.exec("ROLLBACK");
      if (asUnavailable(cause, path) !== cause) throw cause;
      throw new MigrationFailed(`The ledger at ${path} could not be brought to schema ${i + 1} (${name}).`, { cause });
    }
  }
}

function version(db: DatabaseSync): number {
  return Number(db.prepare("PRAGMA user_version").get()?.user_version);
}
