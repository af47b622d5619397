import { type Attribution, clickIdKeys, type Touch, utmKeys } from "./attribution.ts";
import { type ConsentEvent, latestConsent } from "./consent.ts";
import { eventIdOf } from "./id.ts";
import type { Json, JsonObject } from "./json.ts";
import type { Lead } from "./lead.ts";

/** A touch, or the consent state: one level of names and values. */
type Texts = { [name: string]: string | null };

/** Where a lead came from: the page, the UTM values and the click ids by their own names, and what the browser kept of earlier visits. */
export type LeadSource = {
  [Key in "url" | "referrer" | "utm_source" | "utm_medium" | "utm_campaign" | "utm_content" | "utm_term" | "gclid"]:
    | string
    | null;
} & { first_touch?: Texts; last_touch?: Texts; last_click?: Texts; consent_state?: Texts } & {
  [parameter: string]: string | null | Texts;
};

/** The lead as webhooks, the API and exports show it: nested, snake_case, the same keys always present. */
export type LeadPayload = {
  event_id: string;
  event_type: "lead.created";
  schema_version: "1";
  lead_id: string;
  email: string | null;
  phone: string | null;
  name: string | null;
  first_name: string | null;
  last_name: string | null;
  company: string | null;
  message: string | null;
  /** `url`, `referrer`, the UTM values and the click ids; null when absent. Click ids the lead does not carry are left out, `gclid` excepted. */
  source: LeadSource;
  /** ISO 8601, UTC. */
  submitted_at: string;
  timezone: string | null;
  form_name: string;
  form_data: JsonObject;
  /** Keyed hash, never the address itself. */
  ip_address: string | null;
  user_agent: string | null;
  /** True while consent for the purpose `enquiry` stands. */
  consent_given: boolean;
  consent_timestamp: string | null;
  consents: ConsentPayload[];
};

/** One event of the consent history. */
export type ConsentPayload = {
  purpose: string;
  /** True for `granted` alone: what is only requested still waits for the person's confirmation. */
  granted: boolean;
  action: ConsentEvent["action"];
  text: string | null;
  version: string | null;
  /** ISO 8601, UTC. */
  at: string;
  /** How it came: `form`, `confirmation`, `link`, `command`, `api`, `console` or `import`. */
  source: ConsentEvent["source"];
  /** BCP 47; null when the form did not say, as is the next. */
  locale: string | null;
  /** Who was named as receiving the data. */
  recipients: string[] | null;
};

/** The nested standard payload. */
export function leadPayload(lead: Lead): LeadPayload {
  const enquiry = grantedConsent(lead.consents, "enquiry");
  return {
    event_id: eventIdOf(lead.id),
    event_type: "lead.created",
    schema_version: "1",
    lead_id: lead.id,
    email: lead.email,
    phone: lead.phone,
    name: lead.name,
    first_name: lead.firstName,
    last_name: lead.lastName,
    company: lead.company,
    message: lead.message,
    source: sourceOf(lead.attribution),
    submitted_at: iso(lead.receivedAt),
    timezone: lead.timezone,
    form_name: lead.formName,
    form_data: lead.formData,
    ip_address: lead.ipAddress,
    user_agent: lead.userAgent,
    consent_given: enquiry !== null,
    consent_timestamp: enquiry ? iso(enquiry.at) : null,
    consents: lead.consents.map(consentPayload),
  };
}

/** One event as payloads show it. */
export function consentPayload(event: ConsentEvent): ConsentPayload {
  const { purpose, action, text, version, at, source, locale = null, recipients = null } = event;
  return { purpose, granted: action === "granted", action, text, version, at: iso(at), source, locale, recipients };
}

/** What a site names itself comes first, so that it takes no other's place. */
function sourceOf({
  url,
  referrer,
  parameters,
  extra,
  firstTouch,
  lastTouch,
  lastClick,
  consentState,
}: Attribution): LeadSource {
  return {
    ...extra,
    url,
    referrer,
    utm_source: null,
    utm_medium: null,
    utm_campaign: null,
    utm_content: null,
    utm_term: null,
    gclid: null,
    ...parameters,
    ...(firstTouch ? { first_touch: touchTexts(firstTouch) } : {}),
    ...(lastTouch ? { last_touch: touchTexts(lastTouch) } : {}),
    ...(lastClick ? { last_click: touchTexts(lastClick) } : {}),
    ...(consentState ? { consent_state: consentState } : {}),
  };
}

function touchTexts({ url, referrer, parameters, at }: Touch): Texts {
  return { ...parameters, url, referrer, at: at === null ? null : iso(at) };
}

/** One flat object for tools that learn a payload's shape from its first sample: every key always there, `""` when empty. */
export type FlatPayload = { [key: string]: string | boolean };

/**
 * The flat payload of Zapier and Make. Form fields follow as `form_<field>`, lists joined by ", "; `form_data_json` holds
 * them unjoined. What the browser kept of earlier visits comes as `first_touch_<name>`, `last_touch_<name>`, `last_click_<name>`. `timestamp` is the time of submission, so that a retry sends the same bytes.
 * `purpose`, `granted_at` and `withdrawn_at` are for word of a consent alone.
 */
export function flatPayload(lead: Lead): FlatPayload {
  const { url, referrer, parameters, extra, firstTouch, lastTouch, lastClick } = lead.attribution;
  const enquiry = grantedConsent(lead.consents, "enquiry");
  const flat: FlatPayload = {
    event_id: eventIdOf(lead.id),
    event_type: "lead.created",
    schema_version: "1",
    lead_id: lead.id,
    form_name: lead.formName,
    email: lead.email ?? "",
    phone: lead.phone ?? "",
    name: lead.name ?? "",
    first_name: lead.firstName ?? "",
    last_name: lead.lastName ?? "",
    company: lead.company ?? "",
    message: lead.message ?? "",
    source_url: url ?? "",
    referrer: referrer ?? "",
    ...Object.fromEntries([...utmKeys, ...clickIdKeys].map((key) => [key, ""])),
    ...parameters,
    submitted_at: iso(lead.receivedAt),
    timezone: lead.timezone ?? "",
    consent_given: enquiry !== null,
    consent_timestamp: enquiry ? iso(enquiry.at) : "",
    consent_text: enquiry?.text ?? "",
    marketing_consent: grantedConsent(lead.consents, "marketing") !== null,
    ip_address: lead.ipAddress ?? "",
    ip_hash: lead.ipAddress ?? "",
    user_agent: lead.userAgent ?? "",
    timestamp: iso(lead.receivedAt),
    form_data_json: JSON.stringify(lead.formData),
    purpose: "",
    granted_at: "",
    withdrawn_at: "",
  };
  for (const [key, value] of Object.entries(extra ?? {})) flat[key] ??= value;
  for (const [name, touch] of Object.entries({
    first_touch: firstTouch,
    last_touch: lastTouch,
    last_click: lastClick,
  })) {
    for (const [key, value] of Object.entries(touch ? touchTexts(touch) : {})) flat[`${name}_${key}`] = value ?? "";
  }
  for (const [field, value] of Object.entries(lead.formData)) {
    const key = `form_${snakeCase(field)}`;
    if (!(key in flat)) flat[key] = flatText(value);
  }
  return flat;
}

function grantedConsent(events: readonly ConsentEvent[], purpose: string): ConsentEvent | null {
  const latest = latestConsent(events, purpose);
  return latest?.action === "granted" ? latest : null;
}

function flatText(value: Json): string {
  if (value === null) return "";
  if (Array.isArray(value)) return value.map(flatText).join(", ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function snakeCase(field: string): string {
  return field
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, "_")
    .replace(/^_|_$/g, "");
}

/** A time as payloads show it. */
export function iso(ms: number): string {
  return new Date(ms).toISOString();
}
