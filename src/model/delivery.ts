import type { LawfulBasis, Purpose } from "./consent.ts";
import type { DeliveryId, LeadId } from "./id.ts";
import type { Json } from "./json.ts";
import type { OutcomeType, Reason } from "./outcome.ts";

/** `pending → claimed → delivered | dead`; `withheld` waits for consent; `cancelled` was ended by a person or an erasure. */
export type DeliveryState = "pending" | "claimed" | "delivered" | "dead" | "withheld" | "cancelled";
export const deliveryStates = [
  "pending",
  "claimed",
  "delivered",
  "dead",
  "withheld",
  "cancelled",
] as const satisfies readonly DeliveryState[];

/**
 * What a delivery brings: the lead, or a follow-up, which is word of something that happened to it later. A follow-up has a
 * delivery of its own, with attempts, retries and an end like any other.
 */
export const deliveryEvents = [
  "lead.created",
  "consent.granted",
  "consent.withdrawn",
  "lead.erased",
  /** The person asked for the confirmation mail once more. */
  "confirmation.requested",
] as const;
export type DeliveryEvent = (typeof deliveryEvents)[number];
export type FollowUpEvent = Exclude<DeliveryEvent, "lead.created">;

/** The duty to bring one lead to one destination. Times are epoch milliseconds. */
export type Delivery = {
  id: DeliveryId;
  leadId: LeadId;
  destination: string;
  event: DeliveryEvent;
  kind: string;
  purpose: Purpose;
  state: DeliveryState;
  /** When it may next be attempted; null unless `pending`. */
  dueAt: number | null;
  /** Attempts that count against the schedule. A rate limit or a blocked destination costs none; a replay sets it to 0. */
  tries: number;
  /** Attempts made in all; the next one's number is one more. */
  attempts: number;
  /** When the first counted try began; the schedule's span is measured from here. Null before it. */
  firstTryAt: number | null;
  /** True while an earlier attempt may have arrived unseen: the next one asks the destination first. */
  uncertain: boolean;
  /** True when a newer lead of the same person has been delivered there meanwhile: its values must not be overwritten. */
  superseded: boolean;
  /** What a destination with several calls has done so far; null when nothing. */
  progress: Json;
  /** Why it is where it is; null when nothing went wrong. */
  reason: Reason | null;
  /** The lead's id at the destination. */
  ref: string | null;
  warnings: string[];
};

/** One try at a delivery. Written before it is made (`outcome: null`), completed once, never changed after. */
export type Attempt = {
  n: number;
  startedAt: number;
  durationMs: number | null;
  /** Null while it is under way, or when the process died before it was settled. */
  outcome: OutcomeType | null;
  status: number | null;
  reason: Reason | null;
  /** The lawful basis the lead left on. */
  basis: LawfulBasis;
};
