import { csvLine } from "../model/csv.ts";
import { flatPayload } from "../model/payload.ts";
import type { LeadRecord } from "./ledger.ts";

/** The columns of every lead; those of its destinations follow in `deliveries`, as "id: state" pairs. */
const columns = [
  "lead_id",
  "submitted_at",
  "form_name",
  "email",
  "phone",
  "name",
  "company",
  "message",
  "source_url",
  "referrer",
  "utm_source",
  "utm_medium",
  "utm_campaign",
  "utm_content",
  "utm_term",
  "gclid",
  "consent_given",
  "consent_timestamp",
  "consent_text",
  "marketing_consent",
  "form_data_json",
] as const;

/** The first line, with the mark by which spreadsheets know UTF-8. */
export const csvHeader = `\ufeff${csvLine([...columns, "state", "deliveries"])}`;

/** A lead's line: injection-safe, the fields of its form as JSON in one cell. */
export function csvOf({ lead, deliveries }: LeadRecord): string {
  const flat = flatPayload(lead);
  const states = deliveries.map(({ destination, state }) => `${destination}: ${state}`).join("; ");
  return csvLine([...columns.map((column) => String(flat[column] ?? "")), lead.state, states]);
}
