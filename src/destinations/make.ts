import * as z from "zod";
import { defineDestination, type PlannedRequest } from "../model/destination.ts";
import type { DeliveryId } from "../model/id.ts";
import type { Lead } from "../model/lead.ts";
import { type Outcome, rateLimited } from "../model/outcome.ts";
import { flatPayload } from "../model/payload.ts";
import { hookUrl, secret } from "./shared/options.ts";
import { answered, outcomeOf } from "./shared/outcome-of.ts";
import { jsonHeaders, send } from "./shared/post-json.ts";

const options = z.strictObject({
  url: hookUrl(),
  /** The key set under "API Key authentication" of the hook, sent as `x-make-apikey`. */
  apiKey: secret().optional(),
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
  plan: (lead, options, { deliveryId }) => [request(lead, options, deliveryId)],
  async deliver(lead, options, context) {
    const response = await send(request(lead, options, context.deliveryId), context);
    return (await exception(response)) ?? outcomeOf(response, context.now());
  },
});

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

function request(lead: Lead, { url, apiKey }: Options, id: DeliveryId): PlannedRequest {
  const headers = { ...jsonHeaders(id), ...(apiKey ? { "x-make-apikey": apiKey } : {}) };
  return { method: "POST", url, headers, body: JSON.stringify(flatPayload(lead)) };
}
