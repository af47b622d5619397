import type { DatabaseSync } from "node:sqlite";
import { noAttribution } from "../../model/attribution.ts";
import type { DeliveryId, LeadId } from "../../model/id.ts";
import { redacted } from "../../model/lead.ts";
import { toDocument } from "../lead-document.ts";
import type { EraseRequest, LeadRecord } from "../ledger.ts";
import type { ConsentRows } from "./consents.ts";
import type { FollowUpRows } from "./follow-ups.ts";
import type { Leads } from "./leads.ts";
import type { Plans } from "./plans.ts";
import type { LeadRow } from "./rows.ts";
import { tracesOf } from "./scrub.ts";

type Parts = {
  leads: Leads;
  plans: Plans;
  consents: ConsentRows;
  followUps: FollowUpRows;
  recordAct(at: number, actor: EraseRequest["actor"], act: string, subject: string): void;
};

/** Erasing people. All of it runs inside the commit queue's transaction. */
export function prepareErasures(db: DatabaseSync, { leads, plans, consents, followUps, recordAct }: Parts) {
  /** What is to be found nowhere in the files any more. */
  let traces: Buffer[] = [];
  const blank = db.prepare("UPDATE leads SET state = 'erased', document = ? WHERE id = ?");
  const stop = db.prepare(
    `UPDATE deliveries SET state = 'cancelled', due_at = NULL, reason_code = 'erased',
       reason_message = 'the person was erased', reason_status = NULL
     WHERE lead_id = ? AND state IN ('pending', 'withheld', 'dead')`,
  );
  // Messages are free of personal data by rule; here nothing is left to a rule.
  const forgetDelivery = db.prepare(
    `UPDATE deliveries SET warnings = NULL, reason_message = CASE WHEN reason_message IS NULL THEN NULL ELSE 'erased' END
     WHERE lead_id = ? AND state <> 'cancelled'`,
  );
  const forgetAttempts = db.prepare(
    "UPDATE attempts SET reason_message = 'erased' WHERE lead_id = ? AND reason_message IS NOT NULL",
  );
  const forgetWork = db.prepare("DELETE FROM lead_work WHERE lead_id = ?");
  const forgetStatus = db.prepare("DELETE FROM status_marks WHERE lead_id = ?");
  const forgetMissing = db.prepare("DELETE FROM missing WHERE lead_id = ?");
  const forgetCheck = db.prepare("DELETE FROM captcha_checks WHERE lead_id = ?");
  const forgetLastDelivered = db.prepare("DELETE FROM last_delivered WHERE person = ?");
  const entomb = db.prepare(
    `INSERT INTO tombstones (person, at) VALUES (?, ?)
     ON CONFLICT (person) DO UPDATE SET at = MAX(at, excluded.at)`,
  );
  const tombstone = db.prepare("SELECT at FROM tombstones WHERE person = ?");

  function erase(ids: readonly LeadId[], request: EraseRequest): { erased: LeadId[]; followUps: DeliveryId[] } {
    const erased: LeadId[] = [];
    const added: DeliveryId[] = [];
    for (const id of new Set(ids)) {
      const lead = leads.findRow(id);
      if (!lead || lead.state === "erased") continue;
      added.push(...eraseOne(lead, leads.recordOf(lead), request));
      erased.push(id);
    }
    for (const person of request.tombstones) {
      entomb.run(person, request.now);
      forgetLastDelivered.run(person);
    }
    return { erased, followUps: added };
  }

  function eraseOne(lead: LeadRow, record: LeadRecord, request: EraseRequest): DeliveryId[] {
    const toFollow = request.followUps(record);
    plans.writeAll(lead);
    stop.run(lead.id);
    forgetDelivery.run(lead.id);
    forgetAttempts.run(lead.id);
    consents.remove(lead.id);
    forgetWork.run(lead.id);
    forgetStatus.run(lead.id);
    forgetCheck.run(lead.id);
    forgetMissing.run(lead.id);
    traces.push(...tracesOf(lead.document));
    blank.run(toDocument({ ...redacted(record.lead), attribution: noAttribution }), lead.id);
    const added = followUps.addAll(lead, toFollow, request.now);
    recordAct(request.now, request.actor, "erase", lead.id);
    return added;
  }

  return {
    erase,
    traces: () => traces,
    scrubbed(gone: readonly Buffer[]): void {
      traces = traces.filter((trace) => !gone.includes(trace));
    },
    erasedAt: (person: string): number | null => (tombstone.get(person)?.at as number | undefined) ?? null,
  };
}
