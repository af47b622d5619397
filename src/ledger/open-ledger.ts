import { ConfigError } from "../model/errors.ts";
import type { Accounts } from "./accounts.ts";
import type { Interests, Ledger } from "./ledger.ts";
import { openSqliteLedger } from "./sqlite/sqlite-ledger.ts";

/** The schema of a database in which the ledger is. */
export const postgresSchema = "leadkeep";

/** Where leads are kept: a database that machines share, or a file of this machine's. */
export type LedgerPlace =
  | { type: "postgres"; url: string; connections: number | null }
  | { type: "sqlite"; path: string };

/**
 * Opens the ledger, its schema up to date when this resolves. The code for Postgres is loaded only when it is asked for.
 * @throws {ConfigError} when its package is not installed, {LedgerUnavailable}, {MigrationFailed}
 */
export async function openLedgerAt(place: LedgerPlace, interests: Interests): Promise<Ledger & { accounts: Accounts }> {
  if (place.type === "sqlite") return openSqliteLedger({ path: place.path, interests });
  const { openPostgresLedger } = await withPostgres(() => import("./postgres/postgres-ledger.ts"));
  const { url, connections } = place;
  const pool = connections === null ? {} : { poolSize: connections };
  return openPostgresLedger({ url, schema: postgresSchema, interests, ...pool });
}

/** Loads code that needs `pg`, which is optional. @throws {ConfigError} when it is not installed */
export async function withPostgres<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    if (!isMissingPg(error)) throw error;
    const message = "asks for Postgres, but the package pg is not installed.";
    const cure = "Run: npm install pg (or unset it, to keep leads in the embedded ledger).";
    throw new ConfigError([{ path: "DATABASE_URL", message, cure }]);
  }
}

/** Node names the package in the message only: https://nodejs.org/api/errors.html#err_module_not_found (read 2026-11). */
function isMissingPg(error: unknown): boolean {
  const isMissing = error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND";
  return isMissing && error.message.includes("package 'pg'");
}
