import * as z from "zod";
import type { DeliveryEvent } from "../model/delivery.ts";
import { type DeliveryContext, defineDestination, type PlannedRequest } from "../model/destination.ts";
import { erasurePayload, grantPayload, withdrawalPayload } from "../model/follow-up-payload.ts";
import type { DeliveryId } from "../model/id.ts";
import type { Json } from "../model/json.ts";
import type { Lead } from "../model/lead.ts";
import type { Outcome } from "../model/outcome.ts";
import { type LeadPayload, leadPayload } from "../model/payload.ts";
import { byHand } from "./shared/by-hand.ts";
import { hookUrl, secret, secrets } from "./shared/options.ts";
import { outcomeOf } from "./shared/outcome-of.ts";
import { jsonHeaders, send } from "./shared/post-json.ts";
import { signedHeaders } from "./shared/sign.ts";

const all = [
  "lead.created",
  "consent.granted",
  "consent.withdrawn",
  "lead.erased",
] as const satisfies readonly DeliveryEvent[];
const event = z.enum(all);

const options = z.strictObject({
  url: hookUrl(),
  /** Signs each request; several while rotating. `whsec_` + base64 as Standard Webhooks has it, or any text. */
  secret: z.union([secret(), z.array(secret()).min(1)]).optional(),
  /** Sent with each request, for receivers that want a token of their own. */
  headers: z.record(z.string(), z.string()).register(secrets, { secret: true }).optional(),
  /** What is posted. Without the last two, a person has to tell the receiver. @default all four */
  events: z
    .array(event)
    .refine((events) => events.includes("lead.created"), "must include lead.created")
    .default([...all]),
  /** Shapes the body of `lead.created`; the standard payload when absent. Follow-ups are never mapped. */
  map: z.custom<(payload: LeadPayload, lead: Lead) => Json>((value) => typeof value === "function").optional(),
});
type Options = z.output<typeof options>;

/**
 * POSTs the lead as JSON to a URL, and later what becomes of it, signed by the Standard Webhooks scheme when a secret is given
 * (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md, read 2026-11).
 */
export const webhook = defineDestination({
  kind: "webhook",
  label: "Webhook",
  options,
  byHand: "Tell whoever runs the receiver, with the lead's id",
  plan: (lead, options, { deliveryId, now }) => [request(leadBody(lead, options), options, deliveryId, now)],
  deliver: (lead, options, context) => post(leadBody(lead, options), options, context),
  canGrant: ({ events }) => events.includes("consent.granted"),
  grant: (notice, options, context) => post(grantPayload(notice, context.deliveryId), options, context),
  withdraw: async (notice, options, context) =>
    options.events.includes("consent.withdrawn")
      ? post(withdrawalPayload(notice, context.deliveryId), options, context)
      : byHand('"consent.withdrawn" is not among the events this webhook is told; tell its receiver'),
  canErase: ({ events }) => events.includes("lead.erased"),
  erase: (copy, options, context) => post(erasurePayload(copy, context.deliveryId), options, context),
});

function leadBody(lead: Lead, { map }: Options): Json {
  const payload = leadPayload(lead);
  return map ? map(payload, lead) : payload;
}

async function post(body: Json, options: Options, context: DeliveryContext): Promise<Outcome> {
  const now = context.now();
  return outcomeOf(await send(request(body, options, context.deliveryId, now), context), context.now());
}

function request(json: Json, { url, secret, headers }: Options, id: DeliveryId, now: number): PlannedRequest {
  const body = JSON.stringify(json);
  return {
    method: "POST",
    url,
    headers: {
      ...headers,
      ...jsonHeaders(id),
      ...signedHeaders(body, { id, now, secrets: [secret ?? []].flat() }),
    },
    body,
  };
}
