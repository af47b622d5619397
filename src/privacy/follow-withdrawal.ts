import type { FollowUp, LeadRecord } from "../ledger/ledger.ts";
import type { Purpose } from "../model/consent.ts";
import type { Destination } from "../model/destination.ts";

/**
 * Word of a withdrawal for each destination that holds the lead, or may: those that can be told are, whatever their purpose;
 * one of this very purpose that cannot be told is a person's to see to.
 */
export function withdrawalFollowUps(
  { deliveries }: LeadRecord,
  purpose: Purpose,
  destinations: readonly Destination[],
): FollowUp[] {
  const known = new Map(destinations.map((destination) => [destination.id, destination]));
  return deliveries.filter(isHeld).flatMap(({ destination: id, kind, purpose: servedPurpose }): FollowUp[] => {
    const destination = known.get(id);
    const followUp = { event: "consent.withdrawn", destination: id, kind, purpose } as const;
    if (destination?.withdraw) return [{ ...followUp, reason: null }];
    if (servedPurpose !== purpose) return [];
    return [{ ...followUp, reason: { code: "by_hand", message: whatToDo(purpose, destination) } }];
  });
}

/** True when the destination has the person's data, or may have them. */
function isHeld({ event, state, uncertain, history }: LeadRecord["deliveries"][number]): boolean {
  const arrived = state === "delivered" || state === "claimed" || uncertain;
  const withoutPerson = history.length > 0 && history.every(({ basis }) => basis === "nothing-personal");
  return event === "lead.created" && arrived && !withoutPerson;
}

function whatToDo(purpose: Purpose, destination: Destination | undefined): string {
  const byHand = destination?.byHand;
  if (byHand) return `consent for "${purpose}" was withdrawn: ${byHand}`;
  const why = destination ? "it cannot be told by this program" : "it is not configured any more";
  return `consent for "${purpose}" was withdrawn: end the use there by hand, ${why}`;
}
