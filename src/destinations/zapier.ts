import * as z from "zod";
import { defineDestination, type PlannedRequest } from "../model/destination.ts";
import type { DeliveryId } from "../model/id.ts";
import type { Lead } from "../model/lead.ts";
import { flatPayload } from "../model/payload.ts";
import { hookUrl } from "./shared/options.ts";
import { outcomeOf } from "./shared/outcome-of.ts";
import { jsonHeaders, send } from "./shared/post-json.ts";

const options = z.strictObject({ url: hookUrl() });

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
  plan: (lead, { url }, { deliveryId }) => [request(lead, url, deliveryId)],
  async deliver(lead, { url }, context) {
    return outcomeOf(await send(request(lead, url, context.deliveryId), context), context.now());
  },
});

function request(lead: Lead, url: string, id: DeliveryId): PlannedRequest {
  return { method: "POST", url, headers: jsonHeaders(id), body: JSON.stringify(flatPayload(lead)) };
}
