import type { Admission } from "../ledger/ledger.ts";
import { gate } from "../model/consent.ts";
import type { Destination } from "../model/destination.ts";
import type { Lead } from "../model/lead.ts";

/**
 * Whether a lead may leave for a destination now: the gate first, then, where a person gets only one in a time, whether this
 * person had theirs. `lastDeliveredAt` and `now` are epoch milliseconds.
 */
export function admit(
  { need, oncePerPersonMs }: Pick<Destination, "need" | "oncePerPersonMs">,
  lead: Lead,
  lastDeliveredAt: number | null,
  now: number,
): Admission {
  const verdict = gate(need, lead.consents);
  if (verdict.type === "withheld" || oncePerPersonMs === null || lastDeliveredAt === null) return verdict;
  if (now - lastDeliveredAt >= oncePerPersonMs) return verdict;
  const message = "this person was sent one a short while ago";
  return { type: "cancelled", reason: { code: "once_per_person", message } };
}
