import { v7 as uuidv7 } from "uuid";

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

/**
 * The delivery id of one lead at one destination: `dlv_<uuid of the lead>_<destination>`. It is derived, not drawn, so
 * that a lead can have only one delivery per destination and the id is the same on every attempt, replay and resync.
 * It holds no dot, which Standard Webhooks forbids in `webhook-id`.
 */
export function deliveryIdOf(lead: LeadId, destination: string): DeliveryId {
  return `dlv_${lead.slice("lead_".length)}_${destination}`;
}

const deliveryId = /^dlv_([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})_([a-z0-9][a-z0-9-]{0,63})$/;
const leadId = /^lead_[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The lead and destination a delivery id stands for; null when it is not one. */
export function parseDeliveryId(id: string): { leadId: LeadId; destination: string } | null {
  const found = deliveryId.exec(id);
  return found?.[1] && found[2] ? { leadId: `lead_${found[1]}`, destination: found[2] } : null;
}

/** True when the text has the form of a lead id. */
export function isLeadId(text: string): text is LeadId {
  return leadId.test(text);
}
