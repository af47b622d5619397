import { type ConsentEvent, latestConsent } from "../../model/consent.ts";
import type { ConsentNotice, DeliveryContext } from "../../model/destination.ts";
import type { Outcome, Reason } from "../../model/outcome.ts";
import { type Api, createApi, orNetworkOutcome } from "./api.ts";
import type { Options } from "./options.ts";
import {
  changeSubscription,
  optedOut,
  readSubscriptions,
  type Subscription,
  type SubscriptionChange,
} from "./subscriptions.ts";
import { type Draft, keep, type Step, warn } from "./work.ts";

/** A consent that stands, and the subscription it is for. */
export type Grant = { purpose: string; at: number; change: SubscriptionChange };

/** A consent that did not become a subscription, for good. */
type Refused = { purpose: string; reason: Reason };

/**
 * Subscribes the person to what they agreed to. It comes last and costs two calls, and only leads with such a consent. What
 * HubSpot refuses for good is a warning: the lead itself has arrived.
 */
export const subscribeStep: Step = async (work) => {
  const { lead, api, context, state } = work;
  const grants = grantsOf(work);
  if (grants.length === 0) return null;
  const email = state.dropped.contacts.includes("email") ? null : lead.email;
  // From here on a retry has only this step left to do.
  if (email !== null) await keep(work, {});
  const refused = await subscribe(api, email, grants, context.now());
  if (!Array.isArray(refused)) return refused;
  for (const one of refused) warn(work, notSubscribed(one));
  return null;
};

/**
 * Passes on a consent that came after the lead, such as one confirmed by mail, as if the lead had brought it: what HubSpot refuses
 * for good is a warning.
 */
export function grantAtHubSpot(
  { lead, purpose, ref }: ConsentNotice,
  options: Options,
  context: DeliveryContext,
): Promise<Outcome> {
  return orNetworkOutcome(async () => {
    const delivered = { type: "delivered", ...(ref === null ? {} : { ref }) } as const;
    const grants = grantsOf({ lead, options }).filter((grant) => grant.purpose === purpose);
    if (grants.length === 0) return delivered;
    const refused = await subscribe(createApi(options, context), lead.email, grants, context.now());
    if (!Array.isArray(refused)) return refused;
    // A missing scope can be mended and the dead letter sent again; what HubSpot refuses for good cannot.
    const mendable = refused.find(({ reason }) => reason.code === "missing_scope");
    if (mendable) return { type: "rejected", reason: mendable.reason };
    return { ...delivered, warnings: refused.map(notSubscribed) };
  });
}

async function subscribe(
  api: Api,
  email: string | null,
  grants: readonly Grant[],
  now: number,
): Promise<Refused[] | Outcome> {
  const all = (reason: Reason) => grants.map(({ purpose }) => ({ purpose, reason }));
  if (email === null) return all({ code: "no_email", message: "there is no e-mail address" });
  const read = await readSubscriptions(api, email, now);
  if (read.type === "refused") return all(read.reason);
  if (read.type === "unsettled") return read.outcome;
  const refused: Refused[] = [];
  for (const { purpose, at, change } of grants) {
    const held = read.subscriptions.find(({ typeId }) => typeId === change.typeId);
    if (held?.status === "SUBSCRIBED") continue;
    const result = hasLeft(held, at) ? unsubscribedSince : await changeSubscription(api, email, change, now);
    if (result.type === "unsettled") return result.outcome;
    if (result.type === "refused") refused.push({ purpose, reason: result.reason });
  }
  return refused;
}

/** The consents that are to become subscriptions: given, and confirmed where that was asked for. */
export function grantsOf({ lead, options }: Pick<Draft, "lead" | "options">): Grant[] {
  return Object.entries(options.subscriptions).flatMap(([purpose, typeId]): Grant[] => {
    const latest = latestConsent(lead.consents, purpose);
    if (latest?.action !== "granted") return [];
    const explanation = wordingOf(lead.consents, purpose) ?? `Consent given through the form "${lead.formName}".`;
    return [{ purpose, at: latest.at, change: { typeId, status: "SUBSCRIBED", explanation } }];
  });
}

/** The wording last shown for a purpose: a confirmation by mail has none of its own. */
function wordingOf(consents: readonly ConsentEvent[], purpose: string): string | null {
  return consents.findLast((event) => event.purpose === purpose && event.text !== null)?.text ?? null;
}

/**
 * True when the person unsubscribed in HubSpot after they gave the consent, as far as HubSpot tells: a lead that comes late or
 * again must not undo that. HubSpot itself may or may not refuse it.
 */
function hasLeft(held: Subscription | undefined, grantedAt: number): boolean {
  return held?.status === "UNSUBSCRIBED" && (held.at === null || held.at >= grantedAt);
}

const unsubscribedSince = {
  type: "refused",
  reason: { code: optedOut, message: "the person has unsubscribed in HubSpot since" },
} as const;

function notSubscribed({ purpose, reason }: Refused): string {
  return `not subscribed for "${purpose}": ${reason.message}`;
}
