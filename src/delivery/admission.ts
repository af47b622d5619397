import type { Admission } from "../ledger/ledger.ts";
import { gate, latestConsent } from "../model/consent.ts";
import type { Delivery } from "../model/delivery.ts";
import type { Destination } from "../model/destination.ts";
import type { Lead } from "../model/lead.ts";

/**
 * Whether a delivery may leave now. For a lead: the gate first, then, where a person gets only one in a time, whether this
 * person had theirs. For a follow-up: whether it is still true. `lastDeliveredAt` and `now` are epoch milliseconds.
 */
export function admit(
  destination: Pick<Destination, "need" | "oncePerPersonMs">,
  delivery: Pick<Delivery, "event" | "purpose">,
  lead: Lead,
  lastDeliveredAt: number | null,
  now: number,
): Admission {
  if (delivery.event === "lead.erased") return admitRemoval(lead);
  if (lead.state === "erased") return cancelled("erased", "the person was erased");
  // Where it was delivered before it was found to be spam, a withdrawal has to be told all the same.
  if (lead.state === "quarantined" && delivery.event !== "consent.withdrawn")
    return { type: "withheld", reason: { code: "quarantined", message: "the lead is held back as suspected spam" } };
  switch (delivery.event) {
    case "consent.withdrawn":
      return latestConsent(lead.consents, delivery.purpose)?.action === "granted"
        ? cancelled("given_again", `consent for "${delivery.purpose}" was given again before`)
        : { type: "open", basis: "legal-obligation" };
    case "consent.granted":
      return latestConsent(lead.consents, delivery.purpose)?.action === "granted"
        ? { type: "open", basis: "consent" }
        : cancelled("not_given_any_more", `consent for "${delivery.purpose}" does not stand any more`);
    case "confirmation.requested":
      return lead.consents.some(({ purpose }) => latestConsent(lead.consents, purpose)?.action === "requested")
        ? gate(destination.need, lead.consents)
        : cancelled("nothing_to_confirm", "nothing waits for a confirmation any more");
    case "lead.created":
      return admitLead(destination, lead, lastDeliveredAt, now);
  }
}

/** Of a person who was erased, or of spam that is not wanted there any more. */
function admitRemoval({ state }: Lead): Admission {
  switch (state) {
    case "erased":
      return { type: "open", basis: "legal-obligation" };
    case "quarantined":
      return { type: "open", basis: "legitimate-interest" };
    case "active":
      return cancelled("released", "the lead was released: it is no spam");
  }
}

function admitLead(
  { need, oncePerPersonMs }: Pick<Destination, "need" | "oncePerPersonMs">,
  lead: Lead,
  lastDeliveredAt: number | null,
  now: number,
): Admission {
  const verdict = gate(need, lead.consents);
  if (verdict.type === "withheld" && verdict.reason.code === "consent_withdrawn") {
    return { type: "cancelled", reason: verdict.reason };
  }
  if (verdict.type === "withheld" || oncePerPersonMs === null || lastDeliveredAt === null) return verdict;
  if (now - lastDeliveredAt >= oncePerPersonMs) return verdict;
  return cancelled("once_per_person", "this person was sent one a short while ago");
}

function cancelled(code: string, message: string): Admission {
  return { type: "cancelled", reason: { code, message } };
}
