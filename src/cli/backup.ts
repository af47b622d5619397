import { join } from "node:path";
import type { Options } from "../config/config.ts";
import { loadConfig } from "../config/load-config.ts";
import { backUp, backUpKeys, examineBackup, type TableCounts } from "../ledger/sqlite/backup.ts";
import { isSealed, keyFileOf } from "../ledger/sqlite/sealing.ts";
import { jsonText, plain, print, printAside } from "./output.ts";

/** `leadkeep backup <file>`: a copy of the embedded ledger as it stands; a gateway may be running on it meanwhile. `withKeys`: and of its keys. */
export async function backup(file: string, { withKeys, json }: { withKeys: boolean; json: boolean }): Promise<number> {
  const options = await loadConfig(process.cwd(), process.env);
  if (options.databaseUrl !== null) return tellOfPostgres();
  const ledger = join(options.dataFolder, "ledger.db");
  const counts = await backUp(ledger, file);
  const keys = withKeys ? await backUpKeys(keyFileOf(ledger), `${file}.keys`) : null;
  if (json) print(jsonText({ file, verified: true, counts, ...(keys === null ? {} : { keys }) }, 2));
  else print(`${plain(file)} holds ${inWords(counts)}, and was verified.`);
  if (keys !== null && !json)
    print(`${plain(file)}.keys holds ${keys} keys. Keep it for days, not years: docs/encryption.md.`);
  if (keys === null && isSealed(ledger)) printAside(withoutKeys);
  for (const line of alsoToKeep(options)) printAside(line);
  return 0;
}

/** `leadkeep backup --check <file>`: looks whether a backup is whole. 1 when it is not. */
export function checkBackup(file: string, json: boolean): number {
  const found = examineBackup(file);
  if (json)
    print(
      jsonText(
        "counts" in found ? { file, verified: true, counts: found.counts } : { file, verified: false, ...found },
        2,
      ),
    );
  else if ("counts" in found) print(`${plain(file)} is whole and holds ${inWords(found.counts)}.`);
  else printAside(`${plain(file)} cannot be relied on: ${plain(found.problem)}`);
  return "counts" in found ? 0 : 1;
}

function tellOfPostgres(): number {
  printAside(
    "The ledger is in Postgres, which brings its own tool. Write a backup, and look whether it is whole, with:",
  );
  printAside('  pg_dump --format=custom --file=leadkeep.dump "$DATABASE_URL"');
  printAside("  pg_restore --list leadkeep.dump");
  printAside("What belongs into it, and what a restore means for deliveries: docs/backup.md.");
  return 1;
}

const withoutKeys =
  "Its leads are sealed, and their keys are not in it: keep a recent copy of them apart (--with-keys), as docs/encryption.md says.";

function alsoToKeep({ secret, dataFolder }: Options): string[] {
  return secret === null
    ? [`Keep ${join(dataFolder, "secret")} too, in another place: without it nobody on record is recognised.`]
    : [];
}

function inWords({ leads = 0, deliveries = 0, attempts = 0 }: TableCounts): string {
  return `${leads} leads, ${deliveries} deliveries and ${attempts} attempts`;
}
