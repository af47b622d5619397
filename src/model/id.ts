import { v7 as uuidv7 } from "uuid";
import { type DeliveryEvent, deliveryEvents, type FollowUpEvent } from "./delivery.ts";

export type LeadId = `lead_${string}`;
export type EventId = `evt_${string}`;
export type DeliveryId = `dlv_${string}`;

let newest = { msecs: 0, seq: 0 };

/** A new lead id. UUIDv7 inside: ids made by one process sort in the order they were made, also within a millisecond. */
export function newLeadId(now: number): LeadId {
  const random = randomSlice();
  newest = now > newest.msecs ? { msecs: now, seq: firstOf(random) } : { msecs: newest.msecs, seq: newest.seq + 1 };
  return `lead_${uuidv7({ random, ...newest })}`;
}

/** A lead id as it would have been made at a moment in the past, such as for an imported lead. Epoch milliseconds. */
export function leadIdAt(at: number): LeadId {
  return `lead_${uuidv7({ msecs: at })}`;
}

/** A start with room for many ids of the same millisecond above it. */
function firstOf(random: Uint8Array): number {
  return ((random[0] ?? 0) << 16) | ((random[1] ?? 0) << 8) | (random[2] ?? 0);
}

/** Randomness is drawn for 256 ids at once: the call costs more than the bytes. */
const pool = new Uint8Array(256 * 16);
let drawn = pool.length;

function randomSlice(): Uint8Array {
  if (drawn === pool.length) {
    crypto.getRandomValues(pool);
    drawn = 0;
  }
  drawn += 16;
  return pool.subarray(drawn - 16, drawn);
}

/** The id of the event "this lead was created": the same at every destination and on every attempt. */
export function eventIdOf(lead: LeadId): EventId {
  return `evt_${lead.slice("lead_".length)}`;
}

/** What distinguishes a follow-up from the delivery of the lead itself: what it tells, and the how manieth of its sort it is. */
export type FollowUpTag = `${(typeof tags)[FollowUpEvent]}-${number}`;
const tags = {
  "consent.granted": "granted",
  "consent.withdrawn": "withdrawn",
  "lead.erased": "erased",
  "confirmation.requested": "confirm",
} as const satisfies Record<FollowUpEvent, string>;

export function followUpTag(event: FollowUpEvent, n: number): FollowUpTag {
  return `${tags[event]}-${n}`;
}

/** The event a tag stands for; no tag is the lead itself. */
export function eventOfTag(tag: FollowUpTag | ""): DeliveryEvent {
  const event = deliveryEvents.find((one) => one !== "lead.created" && tag.startsWith(`${tags[one]}-`));
  return event ?? "lead.created";
}

/**
 * The delivery id of one lead at one destination: `dlv_<uuid of the lead>_<destination>`, and for a follow-up
 * `…_<tag>`. It is derived, not drawn, so that a lead can have only one delivery per destination and the id is the same on
 * every attempt, replay and resync. It holds no dot, which Standard Webhooks forbids in `webhook-id`.
 */
export function deliveryIdOf(lead: LeadId, destination: string, tag: FollowUpTag | "" = ""): DeliveryId {
  return `dlv_${lead.slice("lead_".length)}_${destination}${tag === "" ? "" : `_${tag}`}`;
}

const deliveryId =
  /^dlv_([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})_([a-z0-9][a-z0-9-]{0,63})(?:_((?:granted|withdrawn|erased|confirm)-\d{1,6}))?$/;
const leadId = /^lead_[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** What a delivery id stands for; null when it is not one. `tag` is empty for the delivery of the lead itself. */
export function parseDeliveryId(id: string): { leadId: LeadId; destination: string; tag: FollowUpTag | "" } | null {
  const [, lead, destination, tag = ""] = deliveryId.exec(id) ?? [];
  return lead && destination ? { leadId: `lead_${lead}`, destination, tag: tag as FollowUpTag | "" } : null;
}

/** True when the text has the form of a lead id. */
export function isLeadId(text: string): text is LeadId {
  return leadId.test(text);
}

/** When a lead id was made, in epoch milliseconds: a UUIDv7 begins with it (RFC 9562, section 5.7). */
export function idTime(id: LeadId): number {
  return Number.parseInt(
    id.slice("lead_".length, "lead_".length + 8) + id.slice("lead_".length + 9, "lead_".length + 13),
    16,
  );
}
