import { ConfigError } from "../model/errors.ts";
import type { Accounts } from "./accounts.ts";
import type { Backend, EngineName } from "./engines.ts";
import type { Interests, Ledger } from "./ledger.ts";
import type { MasterKeys } from "./sealing/master-keys.ts";
import type { Sealing } from "./sealing/sealing.ts";
import { openSqliteLedger } from "./sqlite/sqlite-ledger.ts";

/** The schema of a database in which the ledger is. */
export const postgresSchema = "leadkeep";

/** Where leads are kept: a database that machines share, or a file of this machine's. */
export type LedgerPlace =
  | { type: "postgres"; url: string; connections: number | null; engine?: EngineName; backend?: Backend | null }
  | { type: "sqlite"; path: string };

/**
 * `committed`: told after each commit of the group commit how many writes shared it. `threadAt`: how many leads at
 * once make an embedded ledger record new ones in a thread of its own; without it none does.
 */
export type LedgerHooks = { committed?(writes: number): void; threadAt?: number };

/** A ledger with what is kept beside leads: who may sign in, and the keys leads are sealed by. */
export type OpenedLedger = Ledger & { accounts: Accounts; sealing: Sealing };

/**
 * Opens the ledger, its schema up to date when this resolves. `masterKeys`: by which leads are sealed. The code for Postgres is loaded only when it is asked for.
 * @throws {ConfigError} when its package is not installed, {LedgerUnavailable}, {MigrationFailed}
 */
export async function openLedgerAt(
  place: LedgerPlace,
  interests: Interests,
  hooks: LedgerHooks & { masterKeys?: MasterKeys | null } = {},
): Promise<OpenedLedger> {
  if (place.type === "sqlite") return openSqliteLedger({ path: place.path, interests, ...hooks });
  const { openPostgresLedger } = await withPostgres(() => import("./postgres/postgres-ledger.ts"));
  const { url, connections, engine = "ledger", backend } = place;
  return withPgBoss(() =>
    openPostgresLedger({
      url,
      schema: postgresSchema,
      interests,
      engine,
      ...hooks,
      ...(connections === null ? {} : { poolSize: connections }),
      ...(backend ? { backend } : {}),
    }),
  );
}

/** Loads code that needs `pg`, which is optional. @throws {ConfigError} when it is not installed */
export async function withPostgres<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    if (!isMissing("pg", error)) throw error;
    const message = "asks for Postgres, but the package pg is not installed.";
    const cure = "Run: npm install pg (or unset it, to keep leads in the embedded ledger).";
    throw new ConfigError([{ path: "DATABASE_URL", message, cure }]);
  }
}

/** The same for pg-boss, which nobody needs who has not asked for it. @throws {ConfigError} when it is not installed */
export async function withPgBoss<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    if (!isMissing("pg-boss", error)) throw error;
    const message = "asks for pg-boss, which is not installed.";
    const cure = "Run: npm install pg-boss@12 (or unset it: the ledger needs no engine beside it).";
    throw new ConfigError([{ path: "LEADKEEP_ENGINE", message, cure }]);
  }
}

/** Node names the package in the message only: https://nodejs.org/api/errors.html#err_module_not_found (read 2026-11). */
function isMissing(name: string, error: unknown): boolean {
  const isMissing = error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND";
  return isMissing && error.message.includes(`package '${name}'`);
}
