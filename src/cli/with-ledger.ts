import type { Options } from "../config/config.ts";
import { loadConfig } from "../config/load-config.ts";
import { openLedger } from "../gateway.ts";
import type { Actor, Ledger } from "../ledger/ledger.ts";

/** Who acts when a command does: the record says so. */
export const commandActor: Actor = { type: "command", name: "leadkeep" };

/** Runs a command on the ledger of this folder's configuration; a gateway may be running on it meanwhile. */
export async function withLedger<T>(work: (ledger: Ledger, options: Options) => Promise<T>): Promise<T> {
  const options = await loadConfig(process.cwd(), process.env);
  const ledger = await openLedger(options);
  try {
    return await work(ledger, options);
  } finally {
    await ledger.close();
  }
}
