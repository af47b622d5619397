import type { DatabaseSync } from "node:sqlite";
import type { LeadId } from "../../model/id.ts";
import type { Actor } from "../ledger.ts";
import type { RecordAct } from "./acts.ts";
import type { InterestsNoted } from "./interests.ts";

/** A person's "this is no spam". Runs inside the commit queue's transaction. */
export function prepareReleases(db: DatabaseSync, interests: InterestsNoted, recordAct: RecordAct) {
  const activate = db.prepare("UPDATE leads SET state = 'active' WHERE id = ? AND state = 'quarantined'");
  // Consent that came meanwhile released nothing, since the lead was held back. The gate is asked again in any case.
  const release = db.prepare(
    `UPDATE deliveries SET state = 'pending', due_at = ?1, reason_code = NULL, reason_message = NULL, reason_status = NULL
     WHERE lead_id = ?2 AND state = 'withheld' AND (reason_code = 'quarantined' OR EXISTS (
       SELECT 1 FROM consents WHERE lead_id = ?2 AND purpose = deliveries.purpose AND action = 'granted'))`,
  );

  /** Answers those it was done for: leads in quarantine. */
  return function releaseLeads(ids: readonly LeadId[], { now, actor }: { now: number; actor: Actor }): LeadId[] {
    const released = [...new Set(ids)].filter((id) => activate.run(id).changes === 1);
    for (const id of released) {
      release.run(now, id);
      interests.changed(id);
      recordAct(now, actor, "release", id);
    }
    return released;
  };
}
