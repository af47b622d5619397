import type { Lead } from "../../model/lead.ts";
import type { AwaitedCaptcha, Entry, NewDelivery } from "../ledger.ts";
import { sourceOf } from "../tally-keys.ts";
import { planText } from "./plans.ts";

/** A new lead as it is written: plain values, so that it costs little to hand it to another thread. */
export type Arrival = Pick<Lead, "id" | "form" | "state" | "receivedAt" | "person"> & {
  key: string | null;
  document: string;
  /** By what it is counted. */
  source: string;
  /** Where it is to go, as the text of a plan. */
  plan: string;
  /** Deliveries that begin with a row of their own. */
  rows: readonly NewDelivery[];
  awaited: AwaitedCaptcha | null;
};

/** `document`: the lead's, sealed where leads are. */
export function arrivalOf({ lead, deliveries, key, awaited }: Entry, document: string): Arrival {
  const { id, form, state, receivedAt, person, attribution } = lead;
  return {
    id,
    form,
    state,
    receivedAt,
    person,
    key,
    document,
    source: sourceOf(attribution.parameters.utm_source),
    plan: planText(deliveries.filter(isPlain)),
    rows: deliveries.filter((delivery) => !isPlain(delivery)),
    awaited: awaited ?? null,
  };
}

/** Nothing has happened to it: its lead's plan is enough. */
function isPlain({ state, reason, uncertain }: NewDelivery): boolean {
  return state === "pending" && reason === null && !uncertain;
}
