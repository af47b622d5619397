import * as z from "zod";
import { type DeliveryContext, defineDestination, type PlannedRequest } from "../model/destination.ts";
import { flatErasure, flatGrant, flatWithdrawal } from "../model/follow-up-payload.ts";
import type { DeliveryId } from "../model/id.ts";
import type { Outcome } from "../model/outcome.ts";
import { type FlatPayload, flatPayload } from "../model/payload.ts";
import { byHand } from "./shared/by-hand.ts";
import { hookUrl } from "./shared/options.ts";
import { outcomeOf } from "./shared/outcome-of.ts";
import { jsonHeaders, send } from "./shared/post-json.ts";

const options = z.strictObject({
  url: hookUrl(),
  /**
   * Posts later consents, withdrawals and erasures to the same hook. Only for a Zap that looks at `event_type`: one that does
   * not would take them for new leads. @default false
   */
  followUps: z.boolean().default(false),
});
type Options = z.output<typeof options>;

/**
 * POSTs the flat payload to a Zapier "Catch Hook". A 200 means received, not processed: Zapier gives no feedback.
 * Pace: about 30 requests a second and hook, per https://help.zapier.com/hc/en-us/articles/29972220283789 (read 2026-11).
 * An unsubscribed hook answers 410, which pauses the lane.
 */
export const zapier = defineDestination({
  kind: "zapier",
  label: "Zapier",
  options,
  pace: { limit: 30, intervalMs: 1_000 },
  byHand: "Remove the person from what the Zap has filled, with the lead's id",
  plan: (lead, options, { deliveryId }) => [request(flatPayload(lead), options, deliveryId)],
  deliver: (lead, options, context) => post(flatPayload(lead), options, context),
  canGrant: ({ followUps }) => followUps,
  grant: (notice, options, context) => post(flatGrant(notice, context.deliveryId), options, context),
  withdraw: async (notice, options, context) =>
    options.followUps ? post(flatWithdrawal(notice, context.deliveryId), options, context) : byHand(notTold),
  canErase: ({ followUps }) => followUps,
  erase: (copy, options, context) => post(flatErasure(copy, context.deliveryId), options, context),
});

const notTold =
  "the Zap is not told of it; see to what the Zap has filled, or set followUps once it looks at event_type";

async function post(payload: FlatPayload, options: Options, context: DeliveryContext): Promise<Outcome> {
  return outcomeOf(await send(request(payload, options, context.deliveryId), context), context.now());
}

function request(payload: FlatPayload, { url }: Options, id: DeliveryId): PlannedRequest {
  return { method: "POST", url, headers: jsonHeaders(id), body: JSON.stringify(payload) };
}
