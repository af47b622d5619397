import * as z from "zod";
import { type DeliveryContext, defineDestination, type PlannedRequest } from "../model/destination.ts";
import { flatErasure, flatGrant, flatWithdrawal } from "../model/follow-up-payload.ts";
import type { DeliveryId } from "../model/id.ts";
import { type Outcome, rateLimited } from "../model/outcome.ts";
import { type FlatPayload, flatPayload } from "../model/payload.ts";
import { byHand } from "./shared/by-hand.ts";
import { hookUrl, secret } from "./shared/options.ts";
import { answered, outcomeOf } from "./shared/outcome-of.ts";
import { jsonHeaders, send } from "./shared/post-json.ts";

const options = z.strictObject({
  url: hookUrl(),
  /** The key set under "API Key authentication" of the hook, sent as `x-make-apikey`. */
  apiKey: secret().optional(),
  /**
   * Posts later consents, withdrawals and erasures to the same hook. Only for a scenario that looks at `event_type`: one that
   * does not would take them for new leads. @default false
   */
  followUps: z.boolean().default(false),
});
type Options = z.output<typeof options>;

/**
 * POSTs the flat payload to a Make custom webhook. Statuses and limits per https://help.make.com/webhooks (read 2026-11):
 * 200 accepted (queued, not yet processed); 400 `Queue is full` is a wait, any other 400 is about this payload; 410 is a
 * hook nobody listens to; 300 requests per 10 seconds.
 */
export const make = defineDestination({
  kind: "make",
  label: "Make",
  options,
  pace: { limit: 300, intervalMs: 10_000 },
  byHand: "Remove the person from what the scenario has filled, with the lead's id",
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
  "the scenario is not told of it; see to what the scenario has filled, or set followUps once it looks at event_type";

async function post(payload: FlatPayload, options: Options, context: DeliveryContext): Promise<Outcome> {
  const response = await send(request(payload, options, context.deliveryId), context);
  return (await exception(response)) ?? outcomeOf(response, context.now());
}

async function exception(response: Response): Promise<Outcome | null> {
  const { status } = response;
  if (status === 400 && /queue is full/i.test(await response.text())) {
    return { type: "retry", reason: answered(status, rateLimited, ": its queue is full") };
  }
  if (status === 410) {
    const detail = ": no scenario listens to this hook; switch the scenario on, or set the address of one that is";
    return { type: "blocked", reason: answered(status, "gone", detail) };
  }
  return null;
}

function request(payload: FlatPayload, { url, apiKey }: Options, id: DeliveryId): PlannedRequest {
  const headers = { ...jsonHeaders(id), ...(apiKey ? { "x-make-apikey": apiKey } : {}) };
  return { method: "POST", url, headers, body: JSON.stringify(payload) };
}
