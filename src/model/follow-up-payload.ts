import type { ConsentEvent } from "./consent.ts";
import type { ConsentNotice, RemoteCopy } from "./destination.ts";
import { type DeliveryId, type EventId, eventIdOf, type LeadId, parseDeliveryId } from "./id.ts";
import { erasedLead, redacted } from "./lead.ts";
import { type ConsentPayload, consentPayload, type FlatPayload, flatPayload, iso } from "./payload.ts";

/** Of a consent given or withdrawn: what a receiver needs to find the person, and no more. */
type ConsentNoticePayload = {
  /** `evt_<uuid of the lead>_<tag>`, as in `…_withdrawn-1`: one for each follow-up, the same on every attempt. */
  event_id: string;
  schema_version: "1";
  lead_id: string;
  email: string | null;
  phone: string | null;
  name: string | null;
  form_name: string;
  /** What the data may be used for from now on, or must not be used for any more. */
  purpose: string;
  /** The whole history, this event included: with the wording and its version. */
  consents: ConsentPayload[];
};

/** Word of a consent that came after the lead. Times are ISO 8601, UTC. */
export type GrantPayload = ConsentNoticePayload & { event_type: "consent.granted"; granted_at: string | null };

/** Word of a withdrawal. Times are ISO 8601, UTC. */
export type WithdrawalPayload = ConsentNoticePayload & { event_type: "consent.withdrawn"; withdrawn_at: string | null };

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

/** The payload of `consent.granted`. `deliveryId`: the follow-up's own. */
export function grantPayload(notice: ConsentNotice, deliveryId: DeliveryId): GrantPayload {
  const granted_at = lastTime(notice, "granted");
  return { ...noticePayload(notice, deliveryId), event_type: "consent.granted", granted_at };
}

/** The payload of `consent.withdrawn`. `deliveryId`: the follow-up's own. */
export function withdrawalPayload(notice: ConsentNotice, deliveryId: DeliveryId): WithdrawalPayload {
  const withdrawn_at = lastTime(notice, "withdrawn");
  return { ...noticePayload(notice, deliveryId), event_type: "consent.withdrawn", withdrawn_at };
}

function noticePayload({ lead, purpose }: ConsentNotice, deliveryId: DeliveryId): ConsentNoticePayload {
  return {
    event_id: followUpEventId(lead.id, deliveryId),
    schema_version: "1",
    lead_id: lead.id,
    email: lead.email,
    phone: lead.phone,
    name: lead.name,
    form_name: lead.formName,
    purpose,
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

/** When that was last done for the purpose; null when it never was. */
function lastTime({ lead, purpose }: ConsentNotice, action: ConsentEvent["action"]): string | null {
  const event = lead.consents.findLast((one) => one.purpose === purpose && one.action === action);
  return event ? iso(event.at) : null;
}

/** `consent.granted` as a flat object: the keys of a lead, with the person's name and addresses and nothing else they typed. */
export function flatGrant(notice: ConsentNotice, deliveryId: DeliveryId): FlatPayload {
  const { event_id, event_type, purpose, granted_at } = grantPayload(notice, deliveryId);
  return { ...flatPerson(notice), event_id, event_type, purpose, granted_at: granted_at ?? "" };
}

/** `consent.withdrawn` as a flat object, likewise. */
export function flatWithdrawal(notice: ConsentNotice, deliveryId: DeliveryId): FlatPayload {
  const { event_id, event_type, purpose, withdrawn_at } = withdrawalPayload(notice, deliveryId);
  return { ...flatPerson(notice), event_id, event_type, purpose, withdrawn_at: withdrawn_at ?? "" };
}

function flatPerson({ lead }: ConsentNotice): FlatPayload {
  const { email, phone, name, firstName, lastName, consents } = lead;
  return flatPayload({ ...redacted(lead), email, phone, name, firstName, lastName, consents });
}

/** `lead.erased` as a flat object: the keys of a lead, all empty but its id and when it was kept. */
export function flatErasure(copy: RemoteCopy, deliveryId: DeliveryId): FlatPayload {
  const { event_id, event_type } = erasurePayload(copy, deliveryId);
  return { ...flatPayload(erasedLead(copy.leadId, copy.receivedAt)), event_id, event_type, form_data_json: "" };
}
