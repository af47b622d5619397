import type { DatabaseSync } from "node:sqlite";
import type { LeadId } from "../../model/id.ts";
import type { Accepted, NewDelivery } from "../ledger.ts";
import type { Arrival } from "./arrival.ts";
import type { Plans } from "./plans.ts";
import type { Tallies } from "./tallies.ts";

/** The statements that record a new lead. They run inside the commit queue's transaction. */
export function prepareAcceptance(db: DatabaseSync, { plans, tallies }: { plans: Plans; tallies: Tallies }) {
  const findKey = db.prepare("SELECT lead_id FROM submission_keys WHERE form = ? AND key = ?");
  const insertKey = db.prepare("INSERT INTO submission_keys (form, key, lead_id) VALUES (?, ?, ?)");
  const insertLead = db.prepare(
    "INSERT INTO leads (id, form, state, received_at, person, key, plan, document) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
  );
  const insertCheck = db.prepare(
    "INSERT INTO captcha_checks (lead_id, captcha, token, tries, due_at) VALUES (?, ?, ?, 0, ?)",
  );
  const insertDelivery = db.prepare(
    `INSERT INTO deliveries (lead_id, destination, kind, purpose, state, due_at, person, reason_code, reason_message,
       reason_status, uncertain)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );

  /** Something has happened to this delivery already, so it begins with a row. */
  function insertRow(lead: Arrival, { destination, kind, purpose, state, reason, uncertain }: NewDelivery): void {
    const dueAt = state === "pending" ? lead.receivedAt : null;
    const { code = null, message = null, status = null } = reason ?? {};
    const unsure = uncertain ? 1 : 0;
    insertDelivery.run(lead.id, destination, kind, purpose, state, dueAt, lead.person, code, message, status, unsure);
  }

  return {
    accept(lead: Arrival): Accepted {
      const { id, form, state, receivedAt, person, key, document, awaited } = lead;
      if (key !== null) {
        const earlier = findKey.get(form, key);
        if (earlier) return { leadId: earlier.lead_id as LeadId, repeated: true };
        insertKey.run(form, key, id);
      }
      const plan = plans.idOfText(lead.plan);
      const { lastInsertRowid } = insertLead.run(id, form, state, receivedAt, person, key, plan, document);
      tallies.accepted(lead, Number(lastInsertRowid));
      if (awaited) insertCheck.run(id, awaited.captcha, awaited.token, receivedAt);
      for (const delivery of lead.rows) insertRow(lead, delivery);
      return { leadId: id, repeated: false };
    },
  };
}
