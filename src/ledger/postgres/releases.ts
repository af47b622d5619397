import type { LeadId } from "../../model/id.ts";
import type { Actor } from "../ledger.ts";
import { recordAct } from "./acts.ts";
import type { Transaction } from "./database.ts";
import type { InterestsNoted } from "./interests.ts";
import { lockLeads, moveLeads } from "./leads.ts";

/** A person's "this is no spam". Answers those it was done for: leads in quarantine. */
export async function releaseLeads(
  tx: Transaction,
  ids: readonly LeadId[],
  { now, actor }: { now: number; actor: Actor },
  interests: InterestsNoted,
): Promise<LeadId[]> {
  const rows = (await lockLeads(tx, ids)).filter(({ state }) => state === "quarantined");
  if (rows.length === 0) return [];
  await moveLeads(tx, rows, "active");
  const there = new Set(rows.map(({ id }) => id));
  const released = [...new Set(ids)].filter((id) => there.has(id));
  // Consent that came meanwhile released nothing, since the lead was held back. The gate is asked again in any case.
  await tx.query(
    `UPDATE deliveries SET state = 'pending', due_at = $1, reason_code = NULL, reason_message = NULL, reason_status = NULL
     WHERE lead_id = ANY($2) AND state = 'withheld' AND (reason_code = 'quarantined' OR EXISTS (
       SELECT 1 FROM consents
       WHERE lead_id = deliveries.lead_id AND purpose = deliveries.purpose AND action = 'granted'))`,
    [now, released],
  );
  await interests.changed(tx, released);
  await recordAct(tx, ...released.map((subject) => ({ at: now, actor, act: "release", subject })));
  return released;
}
