import { Webhook } from "standardwebhooks";
import * as z from "zod";
import type { VendorAnswer, VendorDefinition, VendorRequest } from "../vendor.ts";

/** The receiver's switches. */
const webhookSettings = z.object({
  /** Verify signatures with this `whsec_…` secret; null to take anything. */
  secret: z.string().refine(isSecret, "not a Standard Webhooks secret").nullable().default(null),
  /** Take a `webhook-id` it already holds for a repeat: answer 200 and keep nothing. */
  deduplicate: z.boolean().default(false),
  /** Longest body taken, in bytes. */
  maxBodyBytes: z.number().int().positive().default(10_000_000),
});

const path = "/webhook";

/** A receiver that keeps the Standard Webhooks scheme, per https://www.standardwebhooks.com (read 2026-11). */
export const webhook: VendorDefinition<typeof webhookSettings> = {
  name: "webhook",
  label: "Webhook",
  mount: "/webhook/",
  path,
  settings: webhookSettings,
  start({ settings }) {
    const seen = new Set<string>();
    return (request) => {
      if (request.path.split("?")[0] !== path) return reply(404, { error: "not found" });
      if (request.method !== "POST") return reply(405, { error: "method not allowed" });
      if (request.bytes > settings.maxBodyBytes) return reply(413, { error: "payload too large" });
      if (settings.secret !== null && !isSigned(request, settings.secret))
        return reply(401, { error: "bad signature" });
      const id = request.headers["webhook-id"];
      if (settings.deduplicate && id !== undefined && seen.has(id)) return reply(200, { ok: true, duplicate: true });
      if (id !== undefined) seen.add(id);
      return { ...reply(200, { ok: true }), applied: true };
    };
  },
};

function isSigned({ body, headers }: VendorRequest, secret: string): boolean {
  try {
    new Webhook(secret).verify(body, headers, { jsonParse: false });
    return true;
  } catch {
    return false;
  }
}

function isSecret(text: string): boolean {
  try {
    return Boolean(new Webhook(text));
  } catch {
    return false;
  }
}

function reply(status: number, body: object): VendorAnswer {
  return { status, headers: { "content-type": "application/json" }, body: JSON.stringify(body), applied: false };
}
