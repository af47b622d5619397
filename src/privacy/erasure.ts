import type { FollowUp, LeadRecord } from "../ledger/ledger.ts";
import type { Attempt, Delivery } from "../model/delivery.ts";
import type { Destination } from "../model/destination.ts";
import type { DeliveryId, LeadId } from "../model/id.ts";
import { type Identifier, identifierText, isContactOf, type Subject } from "./subject.ts";

/** A destination, as far as an erasure depends on it. */
export type ErasingDestination = Pick<Destination, "id" | "label" | "erase" | "byHand">;

/** What an erasure would do. Nothing has been done yet. */
export type ErasurePlan = {
  identifier: Identifier;
  leads: {
    leadId: LeadId;
    form: string;
    receivedAt: number;
    state: LeadRecord["lead"]["state"];
    /** What is deleted here. */
    here: { consents: number; attempts: number; waiting: number };
    destinations: PlannedErasure[];
  }[];
  /** Leads of others that mention the address or number in a text; they stay. */
  mentions: LeadId[];
  /** Other addresses and numbers of the person, by which there may be more of them. */
  others: string[];
};

/**
 * What happens at a destination: `erase`, an erasure is delivered there; `by_hand`, a line on the checklist, since it cannot be
 * told; `nothing`, the lead never went there.
 */
export type PlannedErasure = {
  destination: string;
  kind: string;
  what: "erase" | "by_hand" | "nothing";
  /** The lead's id there; null when unknown. */
  ref: string | null;
  /** What to do, for `by_hand`. */
  detail: string | null;
};

/** How one erasure at a destination stands, up to its end. */
export type ErasureTask = Pick<Delivery, "destination" | "kind" | "state" | "reason" | "ref" | "attempts"> & {
  id: DeliveryId;
  leadId: LeadId;
};

/** Looks at what an erasure would do. Pure. */
export function planErasure(subject: Subject, destinations: readonly ErasingDestination[]): ErasurePlan {
  const { identifier, mentions, others } = subject;
  const leads = subject.leads.map((record) => {
    const { lead, deliveries } = record;
    return {
      leadId: lead.id,
      form: lead.form,
      receivedAt: lead.receivedAt,
      state: lead.state,
      here: {
        consents: lead.consents.length,
        attempts: deliveries.reduce((sum, { history }) => sum + history.length, 0),
        waiting: deliveries.filter(({ state }) => state === "pending" || state === "withheld").length,
      },
      destinations: plannedErasures(record, destinations),
    };
  });
  return { identifier, leads, mentions, others };
}

/** The erasures that follow at the destinations of one lead. */
export function erasureFollowUps(record: LeadRecord, destinations: readonly ErasingDestination[]): FollowUp[] {
  return plannedErasures(record, destinations)
    .filter(({ what }) => what !== "nothing")
    .map(({ destination, kind, what, detail }) => ({
      destination,
      kind,
      purpose: purposeAt(record, destination),
      event: "lead.erased",
      reason: what === "erase" ? null : { code: "by_hand", message: detail ?? "it cannot be told by this program" },
    }));
}

/**
 * The addresses and numbers that stand for the erased person from now on: the one asked for, and those of leads that came with
 * it. Those of a lead that only names it in a field may be another person's.
 */
export function entombed({ identifier, leads }: Subject): string[] {
  const own = leads.filter(({ lead }) => isContactOf(lead, identifier));
  const all = own.flatMap(({ lead }) => [lead.email, lead.phone]).filter((one): one is string => one !== null);
  return [...new Set([identifierText(identifier), ...all])];
}

/** How the erasures of an erased lead stand. */
export function erasureTasks({ deliveries }: LeadRecord): ErasureTask[] {
  return deliveries
    .filter(({ event }) => event === "lead.erased")
    .map(({ id, leadId, destination, kind, state, reason, attempts }) => {
      const about = deliveries.find((one) => one.event === "lead.created" && one.destination === destination);
      return { id, leadId, destination, kind, state, reason, attempts, ref: about?.ref ?? null };
    });
}

function plannedErasures({ deliveries }: LeadRecord, destinations: readonly ErasingDestination[]): PlannedErasure[] {
  const ids = new Set(deliveries.filter(({ event }) => event !== "lead.erased").map(({ destination }) => destination));
  return [...ids].map((destination) => {
    const there = deliveries.filter((one) => one.destination === destination);
    const ref = there.find((one) => one.ref !== null)?.ref ?? null;
    const common = { destination, kind: there[0]?.kind ?? "", ref };
    if (!there.some(mayHold)) return { ...common, what: "nothing", detail: null };
    const configured = destinations.find(({ id }) => id === destination);
    if (configured?.erase) return { ...common, what: "erase", detail: null };
    return { ...common, what: "by_hand", detail: configured ? handwork(configured) : unconfigured };
  });
}

const unconfigured =
  "it is not configured any more: delete what it holds of this lead by hand, or configure it again and replay this delivery";

function handwork({ label, byHand }: ErasingDestination): string {
  return byHand ?? `${label} cannot be told: delete what it holds of this lead by hand`;
}

/**
 * True when the destination has the lead, or a part of it, or may have: also when it is being delivered, when an answer was lost,
 * or when attempts were made whose history is not kept any more.
 */
function mayHold(delivery: LeadRecord["deliveries"][number]): boolean {
  const { state, uncertain, progress, ref, attempts, history, event } = delivery;
  if (event === "lead.erased") return false;
  if (state === "delivered" || state === "claimed" || uncertain) return true;
  if (progress !== null || ref !== null || attempts > history.length) return true;
  return history.some(mayHaveArrived);
}

function mayHaveArrived({ outcome, status }: Attempt): boolean {
  if (outcome === "retry") return status !== null && status >= 500;
  return outcome === null || outcome === "delivered" || outcome === "uncertain";
}

function purposeAt({ deliveries }: LeadRecord, destination: string): string {
  return deliveries.find((one) => one.destination === destination)?.purpose ?? "enquiry";
}
