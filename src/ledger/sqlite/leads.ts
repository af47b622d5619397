import type { DatabaseSync } from "node:sqlite";
import type { LeadId } from "../../model/id.ts";
import type { Lead } from "../../model/lead.ts";
import type { Accepted, Entry, LeadRecord } from "../ledger.ts";
import { type AttemptRow, attemptOf, type DeliveryRow, deliveryOf } from "../rows.ts";
import { prepareAcceptance } from "./acceptance.ts";
import { arrivalOf } from "./arrival.ts";
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
  const acceptance = prepareAcceptance(db, { plans, tallies });
  const selectLead = db.prepare("SELECT * FROM leads WHERE id = ?");
  const selectDeliveries = db.prepare("SELECT * FROM deliveries WHERE lead_id = ? ORDER BY destination, tag");
  const selectAttempts = db.prepare(
    "SELECT * FROM attempts WHERE lead_id = ? AND destination = ? AND tag = ? ORDER BY n",
  );

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
    record: acceptance.accept,
    accept: (entry: Entry): Accepted => acceptance.accept(arrivalOf(entry, sealed.documentOf(entry.lead))),
    findLead,
    read,
    findRow: (id: LeadId) => selectLead.get(id) as LeadRow | undefined,
    findRecord,
    recordOf,
  };
}
