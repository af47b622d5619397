import type { LeadId } from "../../model/id.ts";
import type { Lead } from "../../model/lead.ts";
import type { LeadRecord } from "../ledger.ts";
import { type AttemptRow, attemptOf, type ConsentRow, type DeliveryRow, deliveryOf, type LeadRow } from "../rows.ts";
import type { Transaction } from "./database.ts";
import { documentsIn } from "./sealing.ts";
import { workOf } from "./work.ts";

type OfLead = { lead_id: LeadId };
type OfDelivery = OfLead & { destination: string; tag: string };

/** Leads with all that is known of their way, in the order asked for. Unknown ones are left out. */
export async function findRecords(tx: Transaction, ids: readonly LeadId[]): Promise<LeadRecord[]> {
  const rows = await tx.query<LeadRow>("SELECT * FROM leads WHERE id = ANY($1)", [ids]);
  const records = new Map((await recordsOf(tx, rows)).map((record) => [record.lead.id, record]));
  return ids.flatMap((id) => records.get(id) ?? []);
}

/** The same for leads whose rows were read before. */
export async function recordsOf(tx: Transaction, rows: readonly LeadRow[]): Promise<LeadRecord[]> {
  const ids = rows.map(({ id }) => id);
  if (ids.length === 0) return [];
  const leads = await readLeads(tx, rows);
  const deliveries = await tx.query<DeliveryRow>(
    "SELECT * FROM deliveries WHERE lead_id = ANY($1) ORDER BY lead_id, destination, tag",
    [ids],
  );
  const attempts = await tx.query<AttemptRow & OfDelivery>(
    "SELECT * FROM attempts WHERE lead_id = ANY($1) ORDER BY lead_id, destination, tag, n",
    [ids],
  );
  const deliveriesOf = Map.groupBy(deliveries, ({ lead_id }) => lead_id);
  const attemptsOf = Map.groupBy(attempts, placeOf);
  const work = await workOf(tx, ids);
  return leads.map((lead) => ({
    lead,
    deliveries: (deliveriesOf.get(lead.id) ?? []).map((row) => ({
      ...deliveryOf(row),
      history: (attemptsOf.get(placeOf(row)) ?? []).map(attemptOf),
    })),
    work: work(lead.id),
  }));
}

/** Leads with their consents as they stand. */
export async function readLeads(tx: Transaction, rows: readonly LeadRow[]): Promise<Lead[]> {
  const later = await tx.query<ConsentRow & OfLead>(
    `SELECT lead_id, purpose, action, text, version, at, source, control, page_url, locale, recipients, form_version
     FROM consents WHERE lead_id = ANY($1) ORDER BY lead_id, n`,
    [rows.map(({ id }) => id)],
  );
  const documents = await documentsIn(tx, rows);
  const laterOf = Map.groupBy(later, ({ lead_id }) => lead_id);
  return rows.map((row) =>
    documents.read(
      row,
      (laterOf.get(row.id) ?? []).map(({ lead_id: _, ...consent }) => consent),
    ),
  );
}

function placeOf({ lead_id, destination, tag }: OfDelivery): string {
  return `${lead_id} ${destination} ${tag}`;
}
