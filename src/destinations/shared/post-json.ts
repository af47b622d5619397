import type { DeliveryContext, PlannedRequest } from "../../model/destination.ts";
import type { DeliveryId } from "../../model/id.ts";

/** Headers of every POST: the delivery id is the idempotency key, the same on each attempt. */
export function jsonHeaders(deliveryId: DeliveryId): Record<string, string> {
  return { "content-type": "application/json", "user-agent": "Leadkeep", "idempotency-key": deliveryId };
}

/** Makes a planned request. */
export function send({ url, method, headers, body }: PlannedRequest, context: DeliveryContext): Promise<Response> {
  return context.fetch(url, { method, headers, body });
}
