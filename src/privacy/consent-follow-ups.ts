import type { FollowUp, LeadRecord } from "../ledger/ledger.ts";
import { type ConsentEvent, gate, type Purpose } from "../model/consent.ts";
import type { Destination } from "../model/destination.ts";

/** What follows a consent event at the destinations that hold the lead: word of a consent given, or of one withdrawn. */
export function consentFollowUps(
  record: LeadRecord,
  { action, purpose }: ConsentEvent,
  destinations: readonly Destination[],
): FollowUp[] {
  if (action === "granted") return grantFollowUps(record, purpose, destinations);
  return action === "withdrawn" ? withdrawalFollowUps(record, purpose, destinations) : [];
}

/**
 * Word of a consent that came after the lead, for each destination that holds it and can be told, whatever its purpose; but not
 * where the wording named others as recipients. One that cannot be told is nobody's task: it does no wrong without.
 */
function grantFollowUps(
  { lead, deliveries }: LeadRecord,
  purpose: Purpose,
  destinations: readonly Destination[],
): FollowUp[] {
  return destinations.flatMap((destination): FollowUp[] => {
    const { id, kind, need, grant } = destination;
    const delivery = deliveries.find((one) => one.event === "lead.created" && one.destination === id);
    if (!grant || !delivery || !isHeld(delivery) || bringsIt(delivery, purpose, destination)) return [];
    const isMeant = gate({ ...need, purpose, basis: "consent", withoutConsent: "withhold" }, lead.consents);
    return isMeant.type === "open" ? [{ event: "consent.granted", destination: id, kind, purpose, reason: null }] : [];
  });
}

/** True when the lead itself is on its way again by this consent, and so brings it along; a kind with `find` may only be asked. */
function bringsIt({ state, purpose: served }: Held, purpose: Purpose, { find }: Destination): boolean {
  return state === "pending" && served === purpose && find === null;
}

/**
 * Word of a withdrawal for each destination that holds the lead, or may: those that can be told are, whatever their purpose;
 * one of this very purpose that cannot be told is a person's to see to.
 */
function withdrawalFollowUps(
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

type Held = LeadRecord["deliveries"][number];

/** True when the destination has the person's data, or may have them. */
function isHeld({ event, state, uncertain, history }: Held): boolean {
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
