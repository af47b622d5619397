import { configureDestination } from "../../src/model/configured-destination.ts";
import type { FollowUpEvent } from "../../src/model/delivery.ts";
import type { DeliveryContext, Destination, DestinationSpec } from "../../src/model/destination.ts";
import { deliveryIdOf, followUpTag } from "../../src/model/id.ts";
import type { Lead } from "../../src/model/lead.ts";
import type { Outcome } from "../../src/model/outcome.ts";
import { aMoment } from "./a-lead.ts";
import { noLinks } from "./no-links.ts";

/** A destination that can be told what became of a lead, over the real network and without a ledger. */
export type ToldDestination = {
  destination: Destination;
  /** The n-th word of a consent given later, or withdrawn; the same n is the same delivery. */
  grant(lead: Lead, purpose: string, n?: number): Promise<Outcome>;
  withdraw(lead: Lead, purpose: string, n?: number): Promise<Outcome>;
  erase(lead: Lead, n?: number): Promise<Outcome>;
};

export function aToldDestination(id: string, spec: DestinationSpec): ToldDestination {
  const { destination, problems } = configureDestination(id, spec);
  if (!destination) throw new Error(JSON.stringify(problems));

  function contextOf(lead: Lead, event: FollowUpEvent, purpose: string, n: number): DeliveryContext {
    return {
      deliveryId: deliveryIdOf(lead.id, id, followUpTag(event, n)),
      event,
      purpose,
      links: noLinks,
      attempt: 1,
      superseded: false,
      uncertain: false,
      progress: null,
      signal: new AbortController().signal,
      fetch,
      now: () => aMoment,
      correctPace() {},
      save: async () => {},
    };
  }

  return {
    destination,
    async grant(lead, purpose, n = 1) {
      const context = contextOf(lead, "consent.granted", purpose, n);
      return (await destination.grant?.({ lead, purpose, ref: null }, context)) ?? never();
    },
    async withdraw(lead, purpose, n = 1) {
      const context = contextOf(lead, "consent.withdrawn", purpose, n);
      return (await destination.withdraw?.({ lead, purpose, ref: null }, context)) ?? never();
    },
    async erase({ id: leadId, receivedAt, ...rest }, n = 1) {
      const copy = {
        leadId,
        createdBy: deliveryIdOf(leadId, id),
        ref: null,
        progress: null,
        uncertain: false,
        receivedAt,
      };
      const context = contextOf({ id: leadId, receivedAt, ...rest }, "lead.erased", "", n);
      return (await destination.erase?.(copy, context)) ?? never();
    },
  };
}

function never(): never {
  throw new Error("it cannot be told");
}
