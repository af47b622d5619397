import type { DatabaseSync } from "node:sqlite";
import type { LeadId } from "../../model/id.ts";
import type { Actor } from "../ledger.ts";
import type { RecordAct } from "./acts.ts";
import type { CaptchaChecks } from "./captcha-checks.ts";
import type { InterestsNoted } from "./interests.ts";
import type { Redeliveries } from "./redeliveries.ts";

type Parts = {
  checks: CaptchaChecks;
  redeliveries: Redeliveries;
  interests: InterestsNoted;
  recordAct: RecordAct;
};

type Removed = { destination: string; person: string | null };

/** A person's "this is no spam". Runs inside the commit queue's transaction. */
export function prepareReleases(db: DatabaseSync, { checks, redeliveries, interests, recordAct }: Parts) {
  const activate = db.prepare("UPDATE leads SET state = 'active' WHERE id = ? AND state = 'quarantined'");
  // Consent that came meanwhile released nothing, since the lead was held back. The gate is asked again in any case.
  const release = db.prepare(
    `UPDATE deliveries SET state = 'pending', due_at = ?1, reason_code = NULL, reason_message = NULL, reason_status = NULL
     WHERE lead_id = ?2 AND state = 'withheld' AND (reason_code = 'quarantined' OR EXISTS (
       SELECT 1 FROM consents WHERE lead_id = ?2 AND purpose = deliveries.purpose AND action = 'granted'))`,
  );
  const forgetRemoval = db.prepare(
    `UPDATE deliveries SET state = 'cancelled', due_at = NULL, reason_code = 'released',
       reason_message = 'the lead was released: it is no spam', reason_status = NULL
     WHERE lead_id = ? AND tag LIKE 'erased-%' AND state IN ('pending', 'withheld', 'dead')`,
  );
  // Where a removal arrived, or may have, the lead is not any more. A removal counts once.
  const removedAt = db.prepare(
    `SELECT lead.destination, lead.person FROM deliveries AS lead
     WHERE lead.lead_id = ?1 AND lead.tag = '' AND lead.state = 'delivered' AND EXISTS (
       SELECT 1 FROM deliveries AS removal WHERE removal.lead_id = ?1 AND removal.destination = lead.destination
         AND removal.tag LIKE 'erased-%' AND (removal.state = 'claimed'
           OR (removal.state = 'delivered' OR removal.state = 'cancelled' AND removal.uncertain = 1)
             AND removal.reason_code IS NOT 'undone'))`,
  );
  const markUndone = db.prepare(
    `UPDATE deliveries SET reason_code = 'undone', reason_message = 'the lead was released and delivered again',
       reason_status = NULL
     WHERE lead_id = ? AND destination = ? AND tag LIKE 'erased-%' AND state IN ('delivered', 'cancelled')`,
  );

  /** Answers those it was done for: leads in quarantine. */
  return function releaseLeads(ids: readonly LeadId[], { now, actor }: { now: number; actor: Actor }): LeadId[] {
    const released = [...new Set(ids)].filter((id) => activate.run(id).changes === 1);
    for (const id of released) {
      checks.drop(id);
      release.run(now, id);
      forgetRemoval.run(id);
      for (const { destination, person } of removedAt.all(id) as Removed[]) {
        markUndone.run(id, destination);
        redeliveries.again(id, destination, person, now);
      }
      interests.changed(id);
      recordAct(now, actor, "release", id);
    }
    return released;
  };
}
