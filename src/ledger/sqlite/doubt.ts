import { existsSync } from "node:fs";
import { LeadkeepError } from "../../model/errors.ts";
import { openDatabase } from "./open-database.ts";

/**
 * After a restore: takes everything that waits for possibly delivered, so that destinations are asked first. Resolves to how many
 * deliveries that is. @throws {LeadkeepError} `no_ledger`, {LedgerUnavailable}
 */
export function doubtWaiting(path: string): number {
  if (!existsSync(path)) throw new LeadkeepError("no_ledger", `There is no ledger at ${path}.`);
  const { db } = openDatabase(path, () => null);
  try {
    db.exec("PRAGMA busy_timeout = 5000; BEGIN IMMEDIATE");
    // Deliveries that are only planned get their row, to note it on.
    db.exec(
      `INSERT INTO deliveries (lead_id, destination, kind, purpose, state, due_at, person)
         SELECT leads.id, planned.destination, planned.kind, planned.purpose, 'pending', leads.received_at, leads.person
         FROM leads JOIN planned ON planned.plan = leads.plan WHERE true
       ON CONFLICT DO NOTHING`,
    );
    const { changes } = db.prepare("UPDATE deliveries SET uncertain = 1 WHERE state = 'pending' AND tag = ''").run();
    db.exec("COMMIT");
    return Number(changes);
  } finally {
    db.close();
  }
}
