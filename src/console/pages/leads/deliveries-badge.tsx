import type { DeliveryState, LeadRow } from "../../api/types.ts";
import { StateBadge } from "../../components/state-badge.tsx";
import { leadsWords } from "../../i18n/leads.ts";
import { states } from "../../i18n/states.ts";
import { useWords } from "../../i18n/words.ts";

/** The state that most wants a person's eye comes first. */
const byUrgency = [
  { state: "dead", says: "deadSome" },
  { state: "withheld", says: "withheldSome" },
  { state: "pending", says: "pendingSome" },
  { state: "delivered", says: "deliveredAll" },
  { state: "cancelled", says: "cancelledAll" },
] as const;

/** How a lead's deliveries stand, in one badge; each destination on hover. */
export function DeliveriesBadge({ deliveries }: { deliveries: LeadRow["deliveries"] }) {
  const t = useWords(leadsWords);
  const word = useWords(states);
  const { state, says, count } = mostUrgent(deliveries);
  const each = deliveries.map((delivery) => `${delivery.destination}: ${word(delivery.state)}`).join("\n");
  return (
    <span title={each}>
      <StateBadge state={state} label={says === null ? t("noDeliveries") : t(says, { count })} />
    </span>
  );
}

function mostUrgent(deliveries: LeadRow["deliveries"]) {
  for (const { state, says } of byUrgency) {
    const count = deliveries.filter((delivery) => settled(delivery.state) === state).length;
    if (count > 0) return { state, says, count };
  }
  return { state: "cancelled" as const, says: null, count: 0 };
}

/** What is under way waits, as far as a list is concerned. */
function settled(state: DeliveryState): DeliveryState {
  return state === "claimed" ? "pending" : state;
}
