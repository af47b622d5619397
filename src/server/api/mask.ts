import type { LeadJson, LeadRow } from "./lead-schemas.ts";

/** What stands where a viewer may not read. */
const hidden = "•••";

/** A row without the person, for those who may not see personal data. */
export function maskRow(row: LeadRow): LeadRow {
  return {
    ...row,
    name: maskName(row.name),
    email: maskEmail(row.email),
    phone: maskPhone(row.phone),
    company: mask(row.company),
    preview: row.preview === "" ? "" : hidden,
    work: { ...row.work, note: mask(row.work.note) },
  };
}

/**
 * A lead without the person. Names of form fields, what a page's address says before its query, campaign values, and the wording of
 * consents stay: they were written by the site, not by the person. Click and visitor ids go: they single a person out.
 */
export function maskLead(lead: LeadJson): LeadJson {
  return {
    ...lead,
    email: maskEmail(lead.email),
    phone: maskPhone(lead.phone),
    name: maskName(lead.name),
    first_name: maskName(lead.first_name),
    last_name: maskName(lead.last_name),
    company: mask(lead.company),
    message: mask(lead.message),
    timezone: null,
    source: Object.fromEntries(Object.entries(lead.source).map(([name, value]) => [name, maskSource(name, value)])),
    form_data: Object.fromEntries(
      Object.keys(lead.form_data).map((name) => [name, lead.form_data[name] === null ? null : hidden]),
    ),
    ip_address: null,
    user_agent: null,
    consents: lead.consents.map((consent) => ({ ...consent, page_url: withoutQuery(consent.page_url) })),
    deliveries: lead.deliveries.map((delivery) => ({
      ...delivery,
      ref: mask(delivery.ref),
      warnings: delivery.warnings.map(() => hidden),
    })),
    work: { ...lead.work, note: mask(lead.work.note) },
    links: {},
    masked: true,
  };
}

function mask(text: string | null): string | null {
  return text === null ? null : hidden;
}

/** "Ada King Lovelace" → "A… K… L…". */
function maskName(name: string | null): string | null {
  if (name === null) return null;
  const words = name.split(/\s+/u).filter(Boolean).slice(0, 4);
  return words.map((word) => `${[...word][0]}…`).join(" ");
}

/** "ada@example.com" → "a…@example.com". */
function maskEmail(email: string | null): string | null {
  if (email === null) return null;
  const at = email.lastIndexOf("@");
  return at < 1 ? hidden : `${[...email][0]}…${email.slice(at)}`;
}

/** "+442079460912" → "+44…12"; one that is not in the international form shows its end only. */
function maskPhone(phone: string | null): string | null {
  if (phone === null) return null;
  const digits = phone.replace(/\D/g, "");
  if (digits.length < 7) return hidden;
  return `${phone.startsWith("+") ? phone.slice(0, 3) : ""}…${digits.slice(-2)}`;
}

type Source = LeadJson["source"][string];

function maskSource(name: string, value: Source): Source {
  if (value === null) return null;
  if (typeof value === "object") {
    return name === "consent_state"
      ? value
      : Object.fromEntries(Object.entries(value).map(([key, text]) => [key, maskSource(key, text) as string | null]));
  }
  if (name === "url" || name === "referrer") return withoutQuery(value);
  return name.startsWith("utm_") || name === "at" ? value : hidden;
}

function withoutQuery(url: string | null): string | null {
  return url?.replace(/[?#].*$/su, "") ?? null;
}
