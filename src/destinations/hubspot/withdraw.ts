import type { ConsentNotice, DeliveryContext } from "../../model/destination.ts";
import type { Lead } from "../../model/lead.ts";
import type { Outcome } from "../../model/outcome.ts";
import { createApi, orNetworkOutcome } from "./api.ts";
import type { Options } from "./options.ts";
import { changeSubscription, subscriptionTypes } from "./subscriptions.ts";

/**
 * Unsubscribes the person from what their consent was for. A withdrawal HubSpot refuses is a dead letter and not a pause: leads
 * can go on meanwhile.
 */
export function withdrawFromHubSpot(
  { lead, purpose, ref }: ConsentNotice,
  options: Options,
  context: DeliveryContext,
): Promise<Outcome> {
  return orNetworkOutcome(async () => {
    const delivered = { type: "delivered", ...(ref === null ? {} : { ref }) } as const;
    const untouched = (why: string): Outcome => ({
      ...delivered,
      warnings: [`nothing was changed in HubSpot: ${why}`],
    });
    const typeId = Object.hasOwn(options.subscriptions, purpose) ? options.subscriptions[purpose] : undefined;
    if (typeId === undefined) return untouched(`"subscriptions" names no subscription type for "${purpose}"`);
    if (lead.email === null) return untouched("subscriptions hang on an e-mail address, and there is none");
    const api = createApi(options, context);
    const change = { typeId, status: "UNSUBSCRIBED", explanation: explanationOf(lead, purpose) } as const;
    const result = await changeSubscription(api, lead.email, change, context.now());
    if (result.type === "unsettled") return result.outcome;
    if (result.type === "done") return delivered;
    const types = result.reason.status === 404 ? await subscriptionTypes(api, context.now()) : null;
    if (types instanceof Map && types.has(typeId)) return untouched("it does not know the address");
    return { type: "rejected", reason: result.reason };
  });
}

function explanationOf({ consents }: Lead, purpose: string): string {
  const event = consents.findLast((one) => one.purpose === purpose && one.action === "withdrawn");
  return event
    ? `Consent for "${purpose}" withdrawn at ${new Date(event.at).toISOString()} (${event.source}).`
    : `Consent for "${purpose}" withdrawn.`;
}
