import { readdirSync, readFileSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { MigrationFailed } from "../../model/errors.ts";
import { asUnavailable } from "./sqlite-error.ts";

const folder = new URL("./migrations/", import.meta.url);
const files = readdirSync(folder)
  .filter((name) => name.endsWith(".sql"))
  .sort();

/** The newest schema this program knows. */
export const schemaKnown = files.length;
/** In the place of a schema's number when the ledger has been moved elsewhere: no program, old or new, takes it for its own. */
export const schemaMoved = 1_000_000;

/**
 * Brings the schema up to date: numbered SQL files, forward only, each in its own transaction; on a new file all in one, which
 * waits for the disk once. Safe with several processes starting at once, since the number is read again under the write lock.
 * @throws {MigrationFailed}, and SQLite's own error when the place is the trouble
 */
export function migrate(db: DatabaseSync, path: string): void {
  if (version(db) === schemaMoved) {
    throw new MigrationFailed(
      `The ledger at ${path} was moved to Postgres. Set DATABASE_URL to where it is now, or LEADKEEP_DATA to another folder to begin a new one.`,
    );
  }
  if (version(db) > schemaKnown) {
    throw new MigrationFailed(
      `The ledger at ${path} has schema ${version(db)}, but this program knows only ${schemaKnown}. Use the newer Leadkeep that wrote it.`,
    );
  }
  for (let done = version(db); done < schemaKnown; done = version(db)) {
    bring(db, path, done === 0 ? schemaKnown : done + 1);
  }
}

/** Does what is missing up to a schema, in one transaction. */
function bring(db: DatabaseSync, path: string, schema: number): void {
  let next = 0;
  try {
    db.exec("BEGIN IMMEDIATE");
    for (next = version(db) + 1; next <= schema; next++) {
      db.exec(readFileSync(new URL(String(files[next - 1]), folder), "utf8"));
      db.exec(`PRAGMA user_version = ${next}`);
    }
    db.exec("COMMIT");
  } catch (cause) {
    if (db.isTransaction) db.exec("ROLLBACK");
    if (asUnavailable(cause, path) !== cause) throw cause;
    throw new MigrationFailed(`The ledger at ${path} could not be brought to schema ${next} (${files[next - 1]}).`, {
      cause,
    });
  }
}

function version(db: DatabaseSync): number {
  return Number(db.prepare("PRAGMA user_version").get()?.user_version);
}
