import type { LeadId } from "../../model/id.ts";
import type { ConsentRow } from "../rows.ts";
import type { Transaction } from "./database.ts";

/** The consents these leads have beside those given at the form, in the order they came. */
export async function laterConsents(
  tx: Transaction,
  leads: readonly LeadId[],
): Promise<(lead: LeadId) => readonly ConsentRow[]> {
  const rows = await tx.query<ConsentRow & { lead_id: LeadId }>(
    `SELECT lead_id, purpose, action, text, version, at, source, control, page_url, locale, recipients, form_version
     FROM consents WHERE lead_id = ANY($1) ORDER BY lead_id, n`,
    [leads],
  );
  const byLead = Map.groupBy(rows, ({ lead_id }) => lead_id);
  return (lead) => (byLead.get(lead) ?? []).map(({ lead_id: _, ...consent }) => consent);
}
