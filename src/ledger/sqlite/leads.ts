import type { DatabaseSync } from "node:sqlite";
import type { LeadId } from "../../model/id.ts";
import type { Lead } from "../../model/lead.ts";
import type { Accepted, Entry, LeadRecord, NewDelivery } from "../ledger.ts";
import { type AttemptRow, attemptOf, type DeliveryRow, deliveryOf } from "../rows.ts";
import type { ConsentRows } from "./consents.ts";
import type { Plans } from "./plans.ts";
import { type LeadRow, newRow } from "./rows.ts";
import type { SqliteSealing } from "./sealing.ts";
import type { Tallies } from "./tallies.ts";
import type { WorkNotes } from "./work.ts";

export type Leads = ReturnType<typeof prepareLeads>;

/** The statements that write and read leads. Writers run inside the commit queue's transaction. */
export function prepareLeads(
  db: DatabaseSync,
  parts: { consents: ConsentRows; plans: Plans; work: WorkNotes; tallies: Tallies; sealed: SqliteSealing },
) {
  const { consents, plans, work, tallies, sealed } = parts;
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
  const selectLead = db.prepare("SELECT * FROM leads WHERE id = ?");
  const selectDeliveries = db.prepare("SELECT * FROM deliveries WHERE lead_id = ? ORDER BY destination, tag");
  const selectAttempts = db.prepare(
    "SELECT * FROM attempts WHERE lead_id = ? AND destination = ? AND tag = ? ORDER BY n",
  );

  function accept({ lead, deliveries, key, awaited }: Entry): Accepted {
    if (key !== null) {
      const earlier = findKey.get(lead.form, key);
      if (earlier) return { leadId: earlier.lead_id as LeadId, repeated: true };
      insertKey.run(lead.form, key, lead.id);
    }
    const plan = plans.idOf(deliveries.filter(isPlain));
    const columns = [lead.id, lead.form, lead.state, lead.receivedAt, lead.person, key, plan];
    const { lastInsertRowid } = insertLead.run(...columns, sealed.documentOf(lead));
    tallies.accepted(lead, Number(lastInsertRowid));
    if (awaited) insertCheck.run(lead.id, awaited.captcha, awaited.token, lead.receivedAt);
    for (const delivery of deliveries) if (!isPlain(delivery)) insertRow(lead, delivery);
    return { leadId: lead.id, repeated: false };
  }

  /** Something has happened to this delivery already, so it begins with a row. */
  function insertRow(lead: Lead, { destination, kind, purpose, state, reason, uncertain }: NewDelivery): void {
    const dueAt = state === "pending" ? lead.receivedAt : null;
    const { code = null, message = null, status = null } = reason ?? {};
    const unsure = uncertain ? 1 : 0;
    insertDelivery.run(lead.id, destination, kind, purpose, state, dueAt, lead.person, code, message, status, unsure);
  }

  /** The lead with its consents as they stand; null when there is none. */
  function findLead(id: LeadId): Lead | null {
    const row = selectLead.get(id) as LeadRow | undefined;
    return row ? read(row) : null;
  }

  function read(row: LeadRow): Lead {
    return sealed.documents.read(row, consents.of(row.id));
  }

  function findRecord(id: LeadId): LeadRecord | null {
    const row = selectLead.get(id) as LeadRow | undefined;
    return row ? recordOf(row) : null;
  }

  function recordOf(lead: LeadRow): LeadRecord {
    const rows = selectDeliveries.all(lead.id) as DeliveryRow[];
    const written = new Set(rows.filter(({ tag }) => tag === "").map(({ destination }) => destination));
    const planned = lead.plan === null ? [] : plans.of(lead.plan);
    const unwritten = planned.filter(({ destination }) => !written.has(destination)).map((one) => newRow(lead, one));
    const deliveries = [...rows, ...unwritten]
      .sort((a, b) => (`${a.destination} ${a.tag}` < `${b.destination} ${b.tag}` ? -1 : 1))
      .map((row) => ({
        ...deliveryOf(row),
        history: (selectAttempts.all(lead.id, row.destination, row.tag) as AttemptRow[]).map(attemptOf),
      }));
    return { lead: read(lead), deliveries, work: work.of(lead.id) };
  }

  return {
    accept,
    findLead,
    read,
    findRow: (id: LeadId) => selectLead.get(id) as LeadRow | undefined,
    findRecord,
    recordOf,
  };
}

/** Nothing has happened to it: its lead's plan is enough. */
function isPlain({ state, reason, uncertain }: NewDelivery): boolean {
  return state === "pending" && reason === null && !uncertain;
}
