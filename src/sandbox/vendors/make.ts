import * as z from "zod";
import type { VendorAnswer, VendorDefinition, VendorRequest } from "../vendor.ts";
import { rateLimit } from "./rate-limit.ts";

/** Make's switches. */
const makeSettings = z.object({
  /** No room for another item: 400, to be tried again. */
  queueFull: z.boolean().default(false),
  /** Items the queue takes while the scenario is off; 667 for each 10 000 credits a month. */
  queueLimit: z.number().int().positive().default(667),
  /** No scenario is attached to the hook: 410. */
  inactive: z.boolean().default(false),
  /** A scenario is attached but switched off: accepted and queued, not processed. */
  scenarioOff: z.boolean().default(false),
  /** The key requests must carry in `x-make-apikey`; null for none. */
  apiKey: z.string().min(1).max(512).nullable().default(null),
  /** What a wrong key is answered with. Undocumented, so choose. */
  wrongKeyStatus: z.number().int().min(400).max(499).default(401),
  /** Keys the hook's data structure requires; a body without one is answered 400. */
  requiredKeys: z.array(z.string()).default([]),
  /** Enforce 300 requests in 10 seconds. */
  limits: z.boolean().default(false),
  /** Send the headers of Make's gateway, as third parties have seen them. Unverified. */
  gatewayHeaders: z.boolean().default(true),
  /** Longest body taken, in bytes, per https://community.make.com/t/52715 (read 2026-11). */
  maxBodyBytes: z.number().int().positive().default(5_000_000),
});
type MakeSettings = z.output<typeof makeSettings>;

const path = "/make/k3x9v7q2m5w8r1t6y4u0p9s7d2f5g8h1";

/**
 * A "Custom webhook" of a Make scenario. Answers and limits per https://help.make.com/webhooks (read 2026-11), keys and
 * data structures per https://apps.make.com/gateway (read 2026-11).
 */
export const make: VendorDefinition<typeof makeSettings> = {
  name: "make",
  label: "Make",
  mount: "/make/",
  path,
  settings: makeSettings,
  start({ settings, received, now }) {
    const pass = rateLimit(300, 10_000, now);
    const queued = () => received.filter(({ applied, processed }) => applied && !processed).length;
    const isFull = () => settings.queueFull || (settings.scenarioOff && queued() >= settings.queueLimit);
    return (request) => {
      const problem = problemWith(request, settings);
      if (problem) return text(problem[0], problem[1], settings);
      if (settings.limits && !pass()) return text(429, "Too many requests", settings);
      if (isFull()) return text(400, "Queue is full", settings);
      return { ...text(200, "Accepted", settings), applied: true, processed: !settings.scenarioOff };
    };
  },
};

function problemWith(request: VendorRequest, settings: MakeSettings): [status: number, text: string] | null {
  const { path: asked, headers, bytes, json } = request;
  if (asked.split("?")[0] !== path) return [410, "Webhook not found."];
  if (settings.inactive) return [410, "There is no scenario listening for this webhook."];
  if (settings.apiKey !== null && headers["x-make-apikey"] !== settings.apiKey)
    return [settings.wrongKeyStatus, "Unauthorized"];
  if (bytes > settings.maxBodyBytes) return [413, "Payload too large"];
  const missing = settings.requiredKeys.filter((key) => !hasKey(json, key));
  // The wording is ours: only the status is documented.
  return missing.length > 0 ? [400, `The data structure requires: ${missing.join(", ")}.`] : null;
}

function hasKey(json: unknown, key: string): boolean {
  return typeof json === "object" && json !== null && Object.hasOwn(json, key);
}

function text(status: number, body: string, { gatewayHeaders }: MakeSettings): VendorAnswer {
  const gateway = {
    server: "cloudflare",
    "x-powered-by": "Make Gateway/production",
    "make-actual-status": String(status),
  };
  return {
    status,
    headers: { "content-type": "text/plain; charset=utf-8", ...(gatewayHeaders && gateway) },
    body,
    applied: false,
  };
}
