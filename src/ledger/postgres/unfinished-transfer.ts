import { MigrationFailed } from "../../model/errors.ts";
import type { Database } from "./database.ts";

/** A gateway must not work on a ledger of which a part is still elsewhere. @throws {MigrationFailed} */
export async function refuseDuringTransfer(db: Database): Promise<void> {
  const [unfinished] = await db.read((tx) => tx.query("SELECT 1 FROM transfers WHERE state <> 'done'"));
  if (unfinished) {
    throw new MigrationFailed(
      `The ledger at ${db.place} is being filled by leadkeep migrate, which has not come to its end. Let it end, or run it again.`,
    );
  }
}
