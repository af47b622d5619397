import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import type { LeadId } from "../../model/id.ts";
import type { Lead } from "../../model/lead.ts";
import { toDocument } from "../lead-document.ts";
import type { Accepted, Entry, LeadFilter, LeadRecord } from "../ledger.ts";
import type { ConsentWriter } from "./consents.ts";
import { type AttemptRow, attemptOf, type DeliveryRow, deliveryOf, type LeadRow, leadOf } from "./rows.ts";

/** Leads read from disk at a time, so that a long list needs no more memory than a short one. */
const pageSize = 200;

/** The statements that write and read leads. Writers run inside the commit queue's transaction. */
export function prepareLeads(db: DatabaseSync, consents: ConsentWriter) {
  const findKey = db.prepare("SELECT lead_id FROM submission_keys WHERE form = ? AND key = ?");
  const insertKey = db.prepare("INSERT INTO submission_keys (form, key, lead_id) VALUES (?, ?, ?)");
  const insertLead = db.prepare(
    "INSERT INTO leads (id, form, state, received_at, person, document) VALUES (?, ?, ?, ?, ?, ?)",
  );
  const insertDelivery = db.prepare(
    `INSERT INTO deliveries (lead_id, destination, kind, purpose, state, due_at, person, reason_code, reason_message,
       reason_status, uncertain)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const selectLead = db.prepare("SELECT * FROM leads WHERE id = ?");
  const selectDeliveries = db.prepare("SELECT * FROM deliveries WHERE lead_id = ? ORDER BY destination");
  const selectAttempts = db.prepare("SELECT * FROM attempts WHERE lead_id = ? AND destination = ? ORDER BY n");

  function accept({ lead, deliveries, key }: Entry): Accepted {
    if (key !== null) {
      const earlier = findKey.get(lead.form, key);
      if (earlier) return { leadId: earlier.lead_id as LeadId, repeated: true };
      insertKey.run(lead.form, key, lead.id);
    }
    insertLead.run(lead.id, lead.form, lead.state, lead.receivedAt, lead.person, toDocument(lead));
    consents.append(lead.id, lead.consents);
    for (const { destination, kind, purpose, state, reason, uncertain } of deliveries) {
      const dueAt = state === "pending" ? lead.receivedAt : null;
      const { code = null, message = null, status = null } = reason ?? {};
      const unsure = uncertain ? 1 : 0;
      insertDelivery.run(lead.id, destination, kind, purpose, state, dueAt, lead.person, code, message, status, unsure);
    }
    return { leadId: lead.id, repeated: false };
  }

  /** The lead with its consents as they stand; null when there is none. */
  function findLead(id: LeadId): Lead | null {
    const row = selectLead.get(id) as LeadRow | undefined;
    return row ? leadOf(row, consents.of(id)) : null;
  }

  function recordOf(lead: Lead): LeadRecord {
    const deliveries = (selectDeliveries.all(lead.id) as DeliveryRow[]).map((row) => ({
      ...deliveryOf(row),
      history: (selectAttempts.all(lead.id, row.destination) as AttemptRow[]).map(attemptOf),
    }));
    return { lead, deliveries };
  }

  async function* list(filter: LeadFilter): AsyncGenerator<LeadRecord> {
    const { where, values } = conditions(filter);
    const page = db.prepare(`SELECT * FROM leads WHERE seq < ? ${where} ORDER BY seq DESC LIMIT ?`);
    let left = filter.limit ?? Number.POSITIVE_INFINITY;
    let before = Number.MAX_SAFE_INTEGER;
    while (left > 0) {
      const rows = page.all(before, ...values, Math.min(left, pageSize)) as LeadRow[];
      for (const row of rows) yield recordOf(leadOf(row, consents.of(row.id)));
      if (rows.length < pageSize) return;
      left -= rows.length;
      before = rows.at(-1)?.seq ?? 0;
    }
  }

  return { accept, findLead, recordOf, list };
}

function conditions(filter: LeadFilter): { where: string; values: SQLInputValue[] } {
  const parts: [string, SQLInputValue | undefined][] = [
    ["form = ?", filter.form],
    ["state = ?", filter.state],
    ["received_at >= ?", filter.since],
    ["received_at < ?", filter.until],
  ];
  const given = parts.filter((part): part is [string, SQLInputValue] => part[1] !== undefined);
  const where = given.map(([sql]) => `AND ${sql}`);
  const values = given.map(([, value]) => value);
  const { deliveryState, destination } = filter;
  if (deliveryState !== undefined || destination !== undefined) {
    const inner = [
      deliveryState === undefined ? "" : "AND state = ?",
      destination === undefined ? "" : "AND destination = ?",
    ];
    where.push(`AND EXISTS (SELECT 1 FROM deliveries WHERE lead_id = leads.id ${inner.join(" ")})`);
    for (const value of [deliveryState, destination]) if (value !== undefined) values.push(value);
  }
  return { where: where.join(" "), values };
}
