import { readdirSync, readFileSync } from "node:fs";
import { LedgerUnavailable, MigrationFailed } from "../../model/errors.ts";
import { type Database, type Transaction, veryLongMs } from "./database.ts";

const folder = new URL("./migrations/", import.meta.url);

/** Ours among the advisory locks of the database: the letters "lead". */
const lock = 0x6c656164;

/**
 * Brings the schema up to date: numbered SQL files, forward only, all in one transaction. Safe with many processes starting
 * at once: they take turns by a lock that ends with the transaction, and look again under it.
 * @throws {MigrationFailed}, {LedgerUnavailable}
 */
export async function migrate(db: Database): Promise<void> {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith(".sql"))
    .sort();
  if (isCurrent(await db.write(appliedIn), files, db)) return;
  let doing = "the table of migrations";
  try {
    await db.write(
      async (tx) => {
        await tx.query("SELECT pg_advisory_xact_lock($1, hashtext($2))", [lock, db.schema]);
        const applied = new Set(await begun(tx, db.schema));
        for (const name of files) {
          doing = name;
          if (applied.has(name)) continue;
          await tx.queryOnce(readFileSync(new URL(name, folder), "utf8"));
          await tx.query("INSERT INTO migrations (name, applied_at) VALUES ($1, now())", [name]);
        }
      },
      { long: true, limitMs: veryLongMs },
    );
  } catch (cause) {
    if (cause instanceof LedgerUnavailable) throw cause;
    throw new MigrationFailed(`The ledger at ${db.place} could not be brought up to date (${doing}).`, { cause });
  }
}

/** What was applied before; makes the place for it when there is none. */
async function begun(tx: Transaction, schema: string): Promise<string[]> {
  const [found] = await tx.query("SELECT to_regnamespace($1) IS NOT NULL AS is_there", [`"${schema}"`]);
  // Only when it is missing: a user may have the right to use the schema, and none to make one.
  if (!found?.is_there) await tx.queryOnce(`CREATE SCHEMA "${schema}"`);
  await tx.queryOnce(
    'CREATE TABLE IF NOT EXISTS migrations (name text COLLATE "C" PRIMARY KEY, applied_at timestamptz NOT NULL)',
  );
  return (await appliedIn(tx)) ?? [];
}

/** Null when there is nothing of ours yet. */
async function appliedIn(tx: Transaction): Promise<string[] | null> {
  const [found] = await tx.query("SELECT to_regclass('migrations') IS NOT NULL AS is_there");
  if (!found?.is_there) return null;
  return (await tx.query<{ name: string }>("SELECT name FROM migrations ORDER BY name")).map(({ name }) => name);
}

/** @throws {MigrationFailed} when a newer program has been here */
function isCurrent(applied: string[] | null, files: readonly string[], { place, schema }: Database): boolean {
  if (applied === null) return false;
  const unknown = applied.filter((name) => !files.includes(name)).at(-1);
  if (unknown) {
    throw new MigrationFailed(
      `The ledger at ${place} (schema "${schema}") has been migrated to ${unknown}, which this program does not know. Use the newer Leadkeep that did it.`,
    );
  }
  return files.every((name) => applied.includes(name));
}
