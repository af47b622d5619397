import { noAttribution } from "./attribution.ts";
import type { RemoteCopy, Withdrawal } from "./destination.ts";
import { type DeliveryId, type EventId, eventIdOf, type LeadId, parseDeliveryId } from "./id.ts";
import { type Lead, redacted } from "./lead.ts";
import { type ConsentPayload, consentPayload, type FlatPayload, flatPayload, iso } from "./payload.ts";

/** Word of a withdrawal, with what a receiver needs to find the person and no more. */
export type WithdrawalPayload = {
  /** `evt_<uuid of the lead>_<withdrawn-n>`: one for each follow-up, the same on every attempt. */
  event_id: string;
  event_type: "consent.withdrawn";
  schema_version: "1";
  lead_id: string;
  email: string | null;
  phone: string | null;
  name: string | null;
  form_name: string;
  /** What the data must not be used for any more. */
  purpose: string;
  /** ISO 8601, UTC. */
  withdrawn_at: string | null;
  /** The whole history, this withdrawal included. */
  consents: ConsentPayload[];
};

/** Word of an erasure. It says nothing of the person: the ids are those the lead came with. */
export type ErasurePayload = {
  /** `evt_<uuid of the lead>_<erased-n>` */
  event_id: string;
  event_type: "lead.erased";
  schema_version: "1";
  lead_id: string;
  /** The `webhook-id` and `idempotency-key` the lead came with. */
  delivery_id: string;
  /** The `event_id` the lead came with. */
  created_event_id: string;
};

/** The payload of `consent.withdrawn`. `deliveryId`: the follow-up's own. */
export function withdrawalPayload({ lead, purpose }: Withdrawal, deliveryId: DeliveryId): WithdrawalPayload {
  const withdrawnAt = withdrawalOf(lead, purpose);
  return {
    event_id: followUpEventId(lead.id, deliveryId),
    event_type: "consent.withdrawn",
    schema_version: "1",
    lead_id: lead.id,
    email: lead.email,
    phone: lead.phone,
    name: lead.name,
    form_name: lead.formName,
    purpose,
    withdrawn_at: withdrawnAt === null ? null : iso(withdrawnAt),
    consents: lead.consents.map(consentPayload),
  };
}

/** The payload of `lead.erased`. `deliveryId`: the follow-up's own. */
export function erasurePayload({ leadId, createdBy }: RemoteCopy, deliveryId: DeliveryId): ErasurePayload {
  return {
    event_id: followUpEventId(leadId, deliveryId),
    event_type: "lead.erased",
    schema_version: "1",
    lead_id: leadId,
    delivery_id: createdBy,
    created_event_id: eventIdOf(leadId),
  };
}

function followUpEventId(lead: LeadId, deliveryId: DeliveryId): EventId {
  const { tag = "" } = parseDeliveryId(deliveryId) ?? {};
  return tag === "" ? eventIdOf(lead) : `${eventIdOf(lead)}_${tag}`;
}

/** When consent for a purpose was last withdrawn, epoch milliseconds; null when it never was. */
function withdrawalOf({ consents }: Lead, purpose: string): number | null {
  return consents.findLast((event) => event.purpose === purpose && event.action === "withdrawn")?.at ?? null;
}

/** `consent.withdrawn` as a flat object: the keys of a lead, with the person's name and addresses and nothing else they typed. */
export function flatWithdrawal(withdrawal: Withdrawal, deliveryId: DeliveryId): FlatPayload {
  const { event_id, event_type, purpose, withdrawn_at } = withdrawalPayload(withdrawal, deliveryId);
  const { lead } = withdrawal;
  const { email, phone, name, firstName, lastName, consents } = lead;
  const flat = flatPayload({ ...redacted(lead), email, phone, name, firstName, lastName, consents });
  return { ...flat, event_id, event_type, purpose, withdrawn_at: withdrawn_at ?? "" };
}

/** `lead.erased` as a flat object: the keys of a lead, all empty but its id and when it was kept. */
export function flatErasure(copy: RemoteCopy, deliveryId: DeliveryId): FlatPayload {
  const { event_id, event_type } = erasurePayload(copy, deliveryId);
  return { ...flatPayload(nobody(copy)), event_id, event_type, form_data_json: "" };
}

function nobody({ leadId, receivedAt }: RemoteCopy): Lead {
  const nothing = {
    email: null,
    phone: null,
    name: null,
    firstName: null,
    lastName: null,
    company: null,
    message: null,
    timezone: null,
    ipAddress: null,
    userAgent: null,
    person: null,
  };
  const attribution = noAttribution;
  return {
    ...nothing,
    id: leadId,
    state: "erased",
    form: "",
    formName: "",
    receivedAt,
    formData: {},
    attribution,
    consents: [],
  };
}
