import { join } from "node:path";
import type { Options } from "../config/config.ts";
import { loadConfig } from "../config/load-config.ts";
import { openLedger } from "../gateway.ts";
import { postgresSchema, withPostgres } from "../ledger/open-ledger.ts";
import { isSealed, keysOf } from "../ledger/sqlite/sealing.ts";
import { countCarried, openTransferSource, standingOf } from "../ledger/sqlite/transfer-source.ts";
import { type Compared, type TransferStep, transfer } from "../ledger/transfer.ts";
import { ConfigError, MigrationFailed } from "../model/errors.ts";
import { jsonText, print, printAside, table } from "./output.ts";
import { createProgressLine } from "./progress-line.ts";

export type MigrateOptions = { databaseUrl?: string; dryRun: boolean; cancel: boolean; json: boolean };

/**
 * `leadkeep migrate --from sqlite --to postgres`: moves the embedded ledger of this folder to Postgres. A gateway may go on taking
 * leads meanwhile; it delivers none, and is to be stopped when this command asks for it.
 */
export async function migrate({ databaseUrl, dryRun, cancel, json }: MigrateOptions): Promise<number> {
  const variables = databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl };
  const options = await loadConfig(process.cwd(), { ...process.env, ...variables });
  const path = join(options.dataFolder, "ledger.db");
  const url = options.databaseUrl;
  if (url === null) throw new ConfigError([noAddress]);
  const standing = standingOf(path);
  if (dryRun) return plan(path, url, json);
  if (cancel) return takeBack(path, url, options);

  if (isSealed(path) && options.masterKeys === null) throw new ConfigError([noKey]);
  const target = await openTarget(url);
  try {
    const state = standing.type === "free" ? null : await target.state(standing.id);
    if (standing.type === "moved") {
      // The last step of a transfer that broke off right before it.
      if (state === "verified") await target.done();
      else if (state !== "done") throw new MigrationFailed(`The ledger at ${path} was moved to another database.`);
      return await finish(options, [], json);
    }
    const isSealedHere = isSealed(path);
    const source = openTransferSource(
      path,
      options.destinations.map(({ id }) => id),
    );
    const progress = createProgressLine(process.stderr);
    try {
      const compared = await transfer({
        source,
        target: {
          ...target,
          // The embedded ledger is closed to all others by now: no more keys come.
          verified: async () => {
            if (isSealedHere) await carryKeys(path, url, options);
            await target.verified();
          },
        },
        now: Date.now,
        report: (step) => progress.show(...inWords(step)),
      });
      return await finish(options, compared, json);
    } finally {
      progress.end();
      source.close();
    }
  } finally {
    await target.close();
  }
}

const noAddress = {
  path: "DATABASE_URL",
  message: "is not set: where is the ledger to go?",
  cure: "Set it to postgres://user:password@host:5432/name, or give --database-url.",
};

const noKey = {
  path: "LEADKEEP_ENCRYPTION_KEY",
  message: "is not set, and this ledger holds sealed leads.",
  cure: "Set it to the key they are sealed under.",
};

async function carryKeys(path: string, url: string, { masterKeys: masters }: Options): Promise<void> {
  if (masters === null) throw new ConfigError([noKey]);
  const { takeOverKeys } = await withPostgres(() => import("../ledger/postgres/sealing.ts"));
  const keys = keysOf(path);
  try {
    const count = await takeOverKeys({ url, schema: postgresSchema, masters }, keys);
    if (count !== keys.count)
      throw new MigrationFailed(
        `Of ${keys.count} keys that seal leads ${count} came over. Run leadkeep migrate again.`,
      );
  } finally {
    keys.close();
  }
}

async function openTarget(url: string) {
  const { openTransferTarget } = await withPostgres(() => import("../ledger/postgres/transfer-target.ts"));
  return openTransferTarget(url, postgresSchema);
}

/** Looks at both ends and changes nothing. */
async function plan(path: string, url: string, json: boolean): Promise<number> {
  const { lookAtTarget } = await withPostgres(() => import("../ledger/postgres/transfer-target.ts"));
  await lookAtTarget(url, postgresSchema);
  const rows = countCarried(path);
  if (json) print(jsonText({ dry_run: true, tables: rows }, 2));
  else {
    for (const line of table([["table", "rows"], ...rows.map((row) => [row.table, String(row.rows)])])) print(line);
    print("This would come over. Postgres can be reached and is empty. Nothing has been changed.");
  }
  return 0;
}

/** Lets the embedded ledger deliver again, and empties what was copied. */
async function takeBack(path: string, url: string, options: Options): Promise<number> {
  const standing = standingOf(path);
  if (standing.type === "free") {
    printAside("This ledger is not being moved.");
    return 1;
  }
  if (standing.type === "moved")
    throw new MigrationFailed(`The ledger at ${path} has been moved: it is too late to cancel.`);
  const target = await openTarget(url);
  try {
    if ((await target.state(standing.id)) === "verified") {
      throw new MigrationFailed("The transfer is over but for its last step. Run leadkeep migrate again to do it.");
    }
    await target.abandon(standing.id);
  } finally {
    await target.close();
  }
  const source = openTransferSource(
    path,
    options.destinations.map(({ id }) => id),
  );
  source.release();
  source.close();
  print("Cancelled: the embedded ledger delivers again, and what had been copied to Postgres is gone.");
  return 0;
}

/** Opens what has been moved as a gateway would, which also notes by which secret its people are known. */
async function finish(options: Options, compared: readonly Compared[], json: boolean): Promise<number> {
  await (await openLedger(options)).close();
  if (json) print(jsonText({ moved: true, tables: compared }, 2));
  else {
    const rows = compared.map(({ table: name, rows, checksum }) => [name, String(rows), checksum]);
    if (rows.length > 0)
      for (const line of table([["table", "rows", "checksum, same on both sides"], ...rows])) print(line);
    print("The ledger is in Postgres. The file stays where it is, and no gateway opens it any more.");
  }
  printAside("Next: set DATABASE_URL where the gateway runs, and start it.");
  if (options.secret === null) {
    const file = join(options.dataFolder, "secret");
    printAside(`Machines other than this one need LEADKEEP_SECRET set to what ${file} holds.`);
  }
  return 0;
}

/** A step's words, and how far it is when that is known. */
function inWords(step: TransferStep): [text: string, part?: number] {
  switch (step.type) {
    case "settling":
      return [`waiting for ${step.underWay} attempts under way`];
    case "copying":
      return [`copying ${step.table}`, step.of === 0 ? 1 : step.copied / step.of];
    case "following":
      return ["carrying over what came meanwhile"];
    case "waiting":
      return ["everything so far is in Postgres. Now stop the gateway; what it takes until then comes over as well"];
    case "verifying":
      return [`verifying ${step.table}`];
  }
}
