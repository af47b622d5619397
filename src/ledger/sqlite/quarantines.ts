import type { DatabaseSync } from "node:sqlite";
import type { DeliveryId, LeadId } from "../../model/id.ts";
import type { Ledger } from "../ledger.ts";
import type { RecordAct } from "./acts.ts";
import type { CaptchaChecks } from "./captcha-checks.ts";
import type { FollowUpRows } from "./follow-ups.ts";
import type { InterestsNoted } from "./interests.ts";
import type { Leads } from "./leads.ts";
import type { Plans } from "./plans.ts";

type Parts = {
  leads: Leads;
  plans: Plans;
  followUps: FollowUpRows;
  checks: CaptchaChecks;
  interests: InterestsNoted;
  recordAct: RecordAct;
};

/** A person's "this is spam after all". Runs inside the commit queue's transaction. */
export function prepareQuarantines(db: DatabaseSync, { leads, plans, followUps, checks, interests, recordAct }: Parts) {
  const hold = db.prepare("UPDATE leads SET state = 'quarantined' WHERE id = ?");
  // Word of a withdrawal or a removal goes out all the same.
  const withhold = db.prepare(
    `UPDATE deliveries SET state = 'withheld', retry = 0, due_at = NULL, tries = 0, first_try_at = NULL,
       reason_code = 'quarantined', reason_message = ?, reason_status = NULL
     WHERE lead_id = ? AND state IN ('pending', 'dead') AND tag NOT LIKE 'withdrawn-%' AND tag NOT LIKE 'erased-%'`,
  );

  return function quarantineLeads(
    ids: readonly LeadId[],
    { now, actor, reason, followUps: toFollow }: Parameters<Ledger["quarantineLeads"]>[1],
  ): { quarantined: LeadId[]; followUps: DeliveryId[] } {
    const quarantined: LeadId[] = [];
    const added: DeliveryId[] = [];
    for (const id of new Set(ids)) {
      const row = leads.findRow(id);
      if (!row || row.state === "erased") continue;
      const wanted = toFollow(leads.recordOf(row));
      checks.drop(id);
      if (row.state === "active") {
        plans.writeAll(row);
        hold.run(id);
        withhold.run(reason.message, id);
        checks.addReason(row, reason);
        interests.changed(id);
        recordAct(now, actor, "quarantine", id);
        quarantined.push(id);
      }
      const told = followUps.addAll(row, wanted, now);
      if (told.length > 0) recordAct(now, actor, "undo", id);
      added.push(...told);
    }
    return { quarantined, followUps: added };
  };
}
