import type { Purpose } from "../../model/consent.ts";
import type { Json } from "../../model/json.ts";
import type { Lead } from "../../model/lead.ts";
import { mappedValue } from "../../model/mapping.ts";
import { flatPayload, leadPayload } from "../../model/payload.ts";
import { openMark } from "./marks.ts";
import type { ColumnValue, Options } from "./options.ts";
import type { Layout } from "./sheet.ts";

/** Names of the flat payload, as Zapier and Make get it: who, and what they want. */
const personHeaders = ["lead_id", "submitted_at", "form_name", "name", "email", "phone", "company", "message"];
/** Consent, and where the lead came from. */
const sourceHeaders = [
  "consent_given",
  "marketing_consent",
  "source_url",
  "referrer",
  "utm_source",
  "utm_medium",
  "utm_campaign",
  "utm_content",
  "utm_term",
  "gclid",
  "timezone",
  "form_data_json",
];
export const idHeader = "lead_id";
export const syncedHeader = "crm_synced";
/** How true and false read in the sheet. */
export const yes = "yes";
export const no = "no";

/** The header of the column that shows how leads fared at a destination. */
export function statusHeader(destination: string): string {
  return `status_${destination}`;
}

/** The purposes whose consent has a column. */
export const purposesShown = ["enquiry", "marketing"] as const;

/** The header of the column that shows whether consent for a purpose stands; null when none does. */
export function consentHeader(purpose: Purpose): string | null {
  const headers = { enquiry: "consent_given", marketing: "marketing_consent" };
  const shown = purposesShown.find((one) => one === purpose);
  return shown ? headers[shown] : null;
}

/** Every header that has to be there, in the order of a new tab: what one looks for at a glance comes first. */
export function neededHeaders({ columns }: Options, others: readonly string[]): string[] {
  const statuses = [syncedHeader, ...others.map(statusHeader)];
  const all = [...personHeaders, ...statuses, ...sourceHeaders, ...Object.keys(columns)];
  return [...new Map(all.map((header) => [columnKey(header), header])).values()];
}

const aliases: Record<string, string> = {
  e_mail: "email",
  mail: "email",
  tel: "phone",
  telephone: "phone",
  mobile: "phone",
  full_name: "name",
};

/** What a header is recognised by: `E-Mail`, `email` and ` Email ` are one column. */
export function columnKey(header: string): string {
  const key = header
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, "_")
    .replace(/^_|_$/g, "");
  return aliases[key] ?? key;
}

/** Longest text of a cell, per https://support.google.com/drive/answer/37603 (read 2026-11). */
const longestCell = 50_000;

/** A row as it is appended: null leaves a cell alone, for it is a person's column or there is nothing to say. */
export type Row = { cells: (string | null)[]; warnings: string[] };

/**
 * The row of a lead under a header, from the header's column `first` on. A person's own columns stay empty: only names of the
 * flat payload, the configured columns and the status columns are filled.
 */
export function rowOf(
  lead: Lead,
  { header, first, idColumn }: Pick<Layout, "header" | "first" | "idColumn">,
  options: Options,
  others: readonly string[],
): Row {
  const values = valuesOf(lead, options, others);
  const warnings: string[] = [];
  const seen = new Set<string>();
  const cells = header.slice(first).map((text, i) => {
    const key = first + i === idColumn ? idHeader : columnKey(text);
    const value = seen.has(key) ? "" : (values.get(key) ?? "");
    seen.add(key);
    if (value.length <= longestCell) return value === "" ? null : value;
    warnings.push(`${key}: cut to the ${longestCell} characters a cell can hold; the whole text is kept here`);
    return cut(value);
  });
  return { cells: cells.slice(0, cells.findLastIndex((cell) => cell !== null) + 1), warnings };
}

function valuesOf(lead: Lead, { columns }: Options, others: readonly string[]): Map<string, string> {
  const values = new Map<string, string>();
  for (const [key, value] of Object.entries(flatPayload(lead))) values.set(key, textOf(value));
  for (const [header, from] of Object.entries(columns)) values.set(columnKey(header), textOf(mapped(from, lead)));
  values.set(syncedHeader, openMark("no", lead.id));
  for (const destination of others) {
    values.set(columnKey(statusHeader(destination)), openMark("not yet", `${lead.id} ${destination}`));
  }
  return values;
}

function mapped(from: ColumnValue, lead: Lead): Json | undefined {
  return typeof from === "function" ? from(leadPayload(lead)) : mappedValue(from, lead);
}

function textOf(value: Json | undefined): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "boolean") return value ? yes : no;
  if (Array.isArray(value)) return value.map(textOf).join(", ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function cut(text: string): string {
  const mark = ` … [cut: ${text.length} characters]`;
  // A surrogate pair is not cut in two.
  return text.slice(0, longestCell - mark.length).replace(/[\ud800-\udbff]$/, "") + mark;
}
