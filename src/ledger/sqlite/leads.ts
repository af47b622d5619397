import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import type { LeadId } from "../../model/id.ts";
import type { Lead } from "../../model/lead.ts";
import { toDocument } from "../lead-document.ts";
import type { Accepted, Entry, LeadFilter, LeadRecord, NewDelivery } from "../ledger.ts";
import type { ConsentWriter } from "./consents.ts";
import type { Plans } from "./plans.ts";
import { type AttemptRow, attemptOf, type DeliveryRow, deliveryOf, type LeadRow, leadOf, newRow } from "./rows.ts";

/** Leads read from disk at a time, so that a long list needs no more memory than a short one. */
const pageSize = 200;

/** The statements that write and read leads. Writers run inside the commit queue's transaction. */
export function prepareLeads(db: DatabaseSync, consents: ConsentWriter, plans: Plans) {
  const findKey = db.prepare("SELECT lead_id FROM submission_keys WHERE form = ? AND key = ?");
  const insertKey = db.prepare("INSERT INTO submission_keys (form, key, lead_id) VALUES (?, ?, ?)");
  const insertLead = db.prepare(
    "INSERT INTO leads (id, form, state, received_at, person, plan, document) VALUES (?, ?, ?, ?, ?, ?, ?)",
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
    const plan = plans.idOf(deliveries.filter(isPlain));
    insertLead.run(lead.id, lead.form, lead.state, lead.receivedAt, lead.person, plan, toDocument(lead));
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
    return leadOf(row, consents.of(row.id));
  }

  function findRecord(id: LeadId): LeadRecord | null {
    const row = selectLead.get(id) as LeadRow | undefined;
    return row ? recordOf(row) : null;
  }

  function recordOf(lead: LeadRow): LeadRecord {
    const rows = selectDeliveries.all(lead.id) as DeliveryRow[];
    const written = new Set(rows.map(({ destination }) => destination));
    const planned = lead.plan === null ? [] : plans.of(lead.plan);
    const unwritten = planned.filter(({ destination }) => !written.has(destination)).map((one) => newRow(lead, one));
    const deliveries = [...rows, ...unwritten]
      .sort((a, b) => (a.destination < b.destination ? -1 : 1))
      .map((row) => ({
        ...deliveryOf(row),
        history: (selectAttempts.all(lead.id, row.destination) as AttemptRow[]).map(attemptOf),
      }));
    return { lead: read(lead), deliveries };
  }

  async function* list(filter: LeadFilter): AsyncGenerator<LeadRecord> {
    const { where, values } = conditions(filter);
    const page = db.prepare(`SELECT * FROM leads WHERE seq < ? ${where} ORDER BY seq DESC LIMIT ?`);
    let left = filter.limit ?? Number.POSITIVE_INFINITY;
    let before = Number.MAX_SAFE_INTEGER;
    while (left > 0) {
      const rows = page.all(before, ...values, Math.min(left, pageSize)) as LeadRow[];
      for (const row of rows) yield recordOf(row);
      if (rows.length < pageSize) return;
      left -= rows.length;
      before = rows.at(-1)?.seq ?? 0;
    }
  }

  return { accept, findLead, read, findRecord, list };
}

/** Nothing has happened to it: its lead's plan is enough. */
function isPlain({ state, reason, uncertain }: NewDelivery): boolean {
  return state === "pending" && reason === null && !uncertain;
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
    const at = destination === undefined ? "" : "AND destination = ?";
    const own = deliveryState === undefined ? "" : "AND state = ?";
    const withRow = `EXISTS (SELECT 1 FROM deliveries WHERE lead_id = leads.id ${own} ${at})`;
    values.push(...[deliveryState, destination].filter((value) => value !== undefined));
    if (deliveryState === undefined || deliveryState === "pending") {
      where.push(`AND (${withRow} OR ${unwritten(at)})`);
      if (destination !== undefined) values.push(destination);
    } else {
      where.push(`AND ${withRow}`);
    }
  }
  return { where: where.join(" "), values };
}

/** A planned delivery that has no row yet, so it is pending. */
function unwritten(at: string): string {
  return `EXISTS (SELECT 1 FROM planned WHERE planned.plan = leads.plan ${at} AND NOT EXISTS (
    SELECT 1 FROM deliveries WHERE lead_id = leads.id AND deliveries.destination = planned.destination))`;
}
