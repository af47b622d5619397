import type { z } from "@hono/zod-openapi";
import type { Act, LeadRecord, Work } from "../../ledger/ledger.ts";
import { recordJson } from "../../ledger/record-json.ts";
import type { Missing } from "../../ledger/verifications.ts";
import type { ConsentEvent } from "../../model/consent.ts";
import type { Destination } from "../../model/destination.ts";
import type { Json } from "../../model/json.ts";
import type { Lead } from "../../model/lead.ts";
import { iso, isoOrNull } from "./fields.ts";
import type { ActJson, LeadJson, LeadRow, work } from "./lead-schemas.ts";

const previewLength = 140;

/** A lead as a list shows it. Follow-ups are left out: a row tells where the lead itself is. */
export function leadRowJson({ lead, deliveries, work }: LeadRecord): LeadRow {
  return {
    lead_id: lead.id,
    form: lead.form,
    form_name: lead.formName,
    state: lead.state,
    received_at: iso(lead.receivedAt),
    name: lead.name,
    email: lead.email,
    phone: lead.phone,
    company: lead.company,
    preview: previewOf(lead),
    source: lead.attribution.parameters.utm_source ?? null,
    campaign: lead.attribution.parameters.utm_campaign ?? null,
    quarantine: lead.state === "quarantined" ? reasonsOf(deliveries) : [],
    screening: (lead.state === "quarantined" && lead.screening) || null,
    deliveries: deliveries
      .filter(({ event }) => event === "lead.created")
      .map(({ id, destination, kind, state }) => ({ id, destination, kind, state })),
    work: workJson(work),
  };
}

/** What is told of a lead beside its record. `acts`: those that were done to it or its deliveries; `missing`: those of it that are. */
type Beside = { acts: readonly Act[]; missing: readonly Missing[]; destinations: readonly Destination[] };

/** Everything kept of a lead. */
export function leadJson(record: LeadRecord, { acts, missing, destinations }: Beside): LeadJson {
  const { lead, deliveries } = record;
  const plain = recordJson(record);
  const linkTo = new Map(destinations.map((one) => [one.id, one.linkTo]));
  return {
    ...plain,
    form: lead.form,
    state: lead.state,
    screening: lead.screening ?? null,
    deliveries: plain.deliveries.map((delivery, i) => ({
      ...delivery,
      event: deliveries[i]?.event ?? "lead.created",
      state: deliveries[i]?.state ?? "pending",
    })),
    consents: lead.consents.map(consentJson),
    work: workJson(record.work),
    acts: acts.map(actJson),
    links: Object.fromEntries(
      deliveries.flatMap(({ id, destination, ref }) => {
        const link = ref === null ? null : (linkTo.get(destination)?.(ref) ?? null);
        return link === null ? [] : [[id, link]];
      }),
    ),
    missing: Object.fromEntries(missing.map(({ deliveryId, foundAt }) => [deliveryId, iso(foundAt)])),
    masked: false,
  };
}

/** What deliveries are withheld for. A lead that would go nowhere is held back all the same. */
function reasonsOf(deliveries: LeadRecord["deliveries"]): LeadRow["quarantine"] {
  const reasons = deliveries.flatMap(({ state, reason }) => (state === "withheld" && reason ? [reason] : []));
  const each = new Map(reasons.map(({ code, message }) => [`${code} ${message}`, { code, message }]));
  return [...each.values()];
}

export function workJson({ stage, assignee, note, at }: Work): z.infer<typeof work> {
  return { stage, assignee, note, at: isoOrNull(at) };
}

export function actJson({ n, at, actor, act, subject }: Act): ActJson {
  return { n, at: iso(at), actor, act, subject };
}

function consentJson(event: ConsentEvent): LeadJson["consents"][number] {
  return {
    purpose: event.purpose,
    action: event.action,
    granted: event.action === "granted",
    text: event.text,
    version: event.version,
    at: iso(event.at),
    source: event.source,
    control: event.control,
    page_url: event.pageUrl,
    locale: event.locale ?? null,
    recipients: event.recipients ?? null,
    form_version: event.formVersion ?? null,
  };
}

/** One line of the message; without one, of the fields that say more than who it is. */
function previewOf({ message, formData, email, phone, name }: Lead): string {
  const known = new Set([email, phone, name].filter((value) => value !== null).map((value) => value.toLowerCase()));
  const fields = (): string =>
    Object.entries(formData)
      .map(([field, value]) => ({ field, text: shortText(value) }))
      .filter(({ text }) => text !== "" && !known.has(text.toLowerCase()))
      .map(({ field, text }) => `${field}: ${text}`)
      .join(" · ");
  const line = (message?.slice(0, previewLength * 4) || fields()).replace(/\s+/gu, " ").trim();
  const letters = [...line];
  return letters.length > previewLength ? `${letters.slice(0, previewLength - 1).join("")}…` : line;
}

function shortText(value: Json): string {
  if (value === null || typeof value === "boolean") return "";
  if (Array.isArray(value)) return value.slice(0, 10).map(shortText).filter(Boolean).join(", ");
  return typeof value === "object" ? "…" : String(value).slice(0, previewLength);
}
