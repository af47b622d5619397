import { join } from "node:path";
import { loadConfig } from "../config/load-config.ts";
import { postgresSchema, withPostgres } from "../ledger/open-ledger.ts";
import { counted, jsonText, print } from "./output.ts";

/** `leadkeep restored`: after a backup was put back, and before a gateway starts on it. */
export async function restored(json: boolean): Promise<number> {
  const { databaseUrl, dataFolder } = await loadConfig(process.cwd(), process.env);
  const count = databaseUrl === null ? await inFile(join(dataFolder, "ledger.db")) : await inPostgres(databaseUrl);
  if (json) {
    print(jsonText({ waiting: count }, 2));
    return 0;
  }
  print(
    `${counted(count, "delivery waits", "deliveries wait")}. Each may have been made since the backup, so its destination is asked first, where it can be asked.`,
  );
  print(
    "Zapier, Make, webhooks and mails cannot be asked; pause those for which twice is worse than late: leadkeep pause.",
  );
  return 0;
}

async function inFile(path: string): Promise<number> {
  return (await import("../ledger/sqlite/doubt.ts")).doubtWaiting(path);
}

async function inPostgres(url: string): Promise<number> {
  const { doubtWaiting } = await withPostgres(() => import("../ledger/postgres/doubt.ts"));
  return doubtWaiting(url, postgresSchema);
}
