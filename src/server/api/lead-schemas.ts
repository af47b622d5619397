import { z } from "@hono/zod-openapi";
import { stages } from "../../ledger/ledger.ts";
import { consentEvent } from "../../model/consent.ts";
import { deliveryEvents, deliveryStates } from "../../model/delivery.ts";
import type { Json } from "../../model/json.ts";
import { leadStates } from "../../model/lead.ts";
import { deliveryId, leadId, line, plainId, time, timeGiven, wholeNumber } from "./fields.ts";

const text = z.string().nullable();
const reason = z.object({ code: z.string(), message: z.string() }).openapi("Reason");

/** What the screens for spam found. `awaiting`: the captcha whose verdict is still to come from its provider. */
const screening = z
  .object({
    score: z.number(),
    reasons: z.array(z.object({ code: z.string(), points: z.number(), message: z.string() })),
    awaiting: z.string().optional(),
  })
  .openapi("Screening");

export const work = z
  .object({ stage: z.enum(stages), assignee: text, note: text, at: time.nullable() })
  .openapi("Work");

/** A lead as a list shows it. */
export const leadRow = z
  .object({
    lead_id: z.string(),
    form: z.string(),
    form_name: z.string(),
    state: z.enum(leadStates),
    received_at: time,
    name: text,
    email: text,
    phone: text,
    company: text,
    /** One line of the message, or of the fields. */
    preview: z.string(),
    source: text,
    campaign: text,
    /** Why it is held back as suspected spam, each reason once; empty when it is not. */
    quarantine: z.array(reason),
    /** What the screens for spam found of one that is held back; null when they found nothing. */
    screening: screening.nullable(),
    deliveries: z.array(
      z.object({ id: z.string(), destination: z.string(), kind: z.string(), state: z.enum(deliveryStates) }),
    ),
    work,
  })
  .openapi("LeadRow");
export type LeadRow = z.infer<typeof leadRow>;

const attempt = z
  .object({
    n: z.number().int(),
    started_at: time,
    duration_ms: z.number().nullable(),
    outcome: text,
    status: z.number().int().nullable(),
    reason: reason.nullable(),
    basis: z.string(),
  })
  .openapi("Attempt");

const delivery = z
  .object({
    id: z.string(),
    destination: z.string(),
    kind: z.string(),
    event: z.enum(deliveryEvents),
    purpose: z.string(),
    state: z.enum(deliveryStates),
    attempts: z.array(attempt),
    next_attempt_at: time.nullable(),
    reason: reason.nullable(),
    ref: text,
    warnings: z.array(z.string()),
  })
  .openapi("Delivery");

const consent = z
  .object({
    purpose: z.string(),
    action: consentEvent.shape.action,
    granted: z.boolean(),
    text,
    version: text,
    at: time,
    source: consentEvent.shape.source,
    control: text,
    page_url: text,
    locale: text,
    recipients: z.array(z.string()).nullable(),
    form_version: text,
  })
  .openapi("Consent");

export const act = z
  .object({
    n: z.number().int(),
    at: time,
    actor: z.object({ type: z.enum(["command", "api", "console", "person", "machine"]), name: z.string() }),
    act: z.string(),
    subject: z.string(),
  })
  .openapi("Act");
export type ActJson = z.infer<typeof act>;

/** `z.json()` refers to itself, which the document's generator does not end with. */
const anyJson = z.unknown() as z.ZodType<Json>;
const touch = z.record(z.string(), text);

/** Everything kept of a lead: the standard payload, and its way. */
export const lead = z
  .object({
    event_id: z.string(),
    event_type: z.literal("lead.created"),
    schema_version: z.literal("1"),
    lead_id: z.string(),
    form: z.string(),
    form_name: z.string(),
    state: z.enum(leadStates),
    submitted_at: time,
    email: text,
    phone: text,
    name: text,
    first_name: text,
    last_name: text,
    company: text,
    message: text,
    timezone: text,
    /** The page, UTM values and click ids by their own names; `first_touch`, `last_touch`, `last_click`, `consent_state` are objects. */
    source: z.record(z.string(), z.union([text, touch])),
    /** Every field, exactly as it was sent. */
    form_data: z.record(z.string(), anyJson),
    ip_address: text,
    user_agent: text,
    consent_given: z.boolean(),
    consent_timestamp: time.nullable(),
    consents: z.array(consent),
    deliveries: z.array(delivery),
    /** Null when no screen for spam found anything. */
    screening: screening.nullable(),
    work,
    acts: z.array(act),
    /** Delivery id → the address of the vendor's own screen, for those that have one. */
    links: z.record(z.string(), z.string()),
    /** Delivery id → since when it is known not to be at its destination any more, for those that are not. */
    missing: z.record(z.string(), time),
    /** True when personal data was left out, because the caller may not see it. */
    masked: z.boolean(),
  })
  .openapi("Lead");
export type LeadJson = z.infer<typeof lead>;

const filters = {
  form: plainId.optional(),
  state: z.enum(leadStates).optional(),
  source: z.string().max(500).optional(),
  campaign: z.string().max(500).optional(),
  destination: plainId.optional(),
  delivery: z.enum(deliveryStates).optional(),
  /** The code of that delivery's reason: with `destination` and `delivery=dead`, the leads of one cause. */
  code: z.string().max(100).optional(),
  stage: z.enum(stages).optional(),
  assignee: z.string().max(200).optional(),
  q: z.string().max(200).optional(),
  since: timeGiven.optional(),
  until: timeGiven.optional(),
};

/** Which leads to list. All given conditions hold together. */
export const leadQuery = z.strictObject({
  ...filters,
  before: leadId.optional(),
  size: wholeNumber(1, 200).optional(),
});
export type LeadQuery = z.output<typeof leadQuery>;

export const exportQuery = z.strictObject({ ...filters, format: z.enum(["csv", "json"]).default("csv") });

export const leadPage = z.object({
  leads: z.array(leadRow),
  /** Give it as `before` for the next page; null when there is none. */
  next: text,
  /** When a rare filter made the search stop early: how far it has looked. `next` goes on from there. */
  searched_back: time.nullable(),
});

export const leadParams = z.strictObject({ id: leadId });
export const leadIds = z.strictObject({ ids: z.array(leadId).min(1).max(500) });
export const deliveryIds = z.array(deliveryId).min(1).max(500);

export const workChange = z.strictObject({
  stage: z.enum(stages).optional(),
  assignee: line(200).nullable().optional(),
  note: z.string().max(10_000).nullable().optional(),
});
