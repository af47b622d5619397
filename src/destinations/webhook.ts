import { Webhook } from "standardwebhooks";
import * as z from "zod";
import { defineDestination, type PlannedRequest } from "../model/destination.ts";
import type { DeliveryId } from "../model/id.ts";
import type { Json } from "../model/json.ts";
import type { Lead } from "../model/lead.ts";
import { type LeadPayload, leadPayload } from "../model/payload.ts";
import { hookUrl, secret, secrets } from "./shared/options.ts";
import { outcomeOf } from "./shared/outcome-of.ts";
import { jsonHeaders, send } from "./shared/post-json.ts";

const options = z.strictObject({
  url: hookUrl(),
  /** Signs each request; several while rotating. `whsec_` + base64 as Standard Webhooks has it, or any text. */
  secret: z.union([secret(), z.array(secret()).min(1)]).optional(),
  /** Sent with each request, for receivers that want a token of their own. */
  headers: z.record(z.string(), z.string()).register(secrets, { secret: true }).optional(),
  /** Shapes the body; the standard payload when absent. */
  map: z.custom<(payload: LeadPayload, lead: Lead) => Json>((value) => typeof value === "function").optional(),
});
type Options = z.output<typeof options>;

/**
 * POSTs the lead as JSON to a URL, signed by the Standard Webhooks scheme when a secret is given
 * (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md, read 2026-11).
 */
export const webhook = defineDestination({
  kind: "webhook",
  label: "Webhook",
  options,
  plan: (lead, options, { deliveryId, now }) => [request(lead, options, deliveryId, now)],
  async deliver(lead, options, context) {
    const response = await send(request(lead, options, context.deliveryId, context.now()), context);
    return outcomeOf(response, context.now());
  },
});

function request(lead: Lead, { url, secret, headers, map }: Options, id: DeliveryId, now: number): PlannedRequest {
  const payload = leadPayload(lead);
  const body = JSON.stringify(map ? map(payload, lead) : payload);
  const at = new Date(now);
  const signatures = [secret ?? []].flat().map((one) => signer(one).sign(id, at, body));
  return {
    method: "POST",
    url,
    headers: {
      ...headers,
      ...jsonHeaders(id),
      "webhook-id": id,
      "webhook-timestamp": String(Math.floor(now / 1_000)),
      ...(signatures.length > 0 ? { "webhook-signature": signatures.join(" ") } : {}),
    },
    body,
  };
}

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** The key is what the scheme's own libraries make of the text; one that is not base64 is taken as its bytes. */
function signer(text: string): Webhook {
  const encoded = text.startsWith("whsec_") || base64.test(text);
  return encoded ? new Webhook(text) : new Webhook(text, { format: "raw" });
}
