import { randomUUID } from "node:crypto";
import * as z from "zod";
import { eventIdIn } from "../open-vendor.ts";
import type { VendorAnswer, VendorDefinition } from "../vendor.ts";
import { rateLimit } from "./rate-limit.ts";

/** Zapier's switches. */
const zapierSettings = z.object({
  /** The hook is gone: 410. Documented for REST hooks, unverified for catch hooks. */
  unsubscribed: z.boolean().default(false),
  /** The Zap is switched off: the hook still answers success, and nothing runs. Unverified. */
  zapOff: z.boolean().default(false),
  /** One Zap run for each element of a top-level array, instead of one for the whole. Unverified. */
  splitArrays: z.boolean().default(true),
  /** Enforce about 30 requests a second per hook, per https://help.zapier.com/hc/en-us/articles/29972220283789 (read 2026-11). */
  limits: z.boolean().default(false),
  /** Longest body taken, in bytes; a Catch Raw Hook takes 2 MB only. */
  maxBodyBytes: z.number().int().positive().default(10_000_000),
});

const path = "/zapier/hooks/catch/123456/abcdef/";
const methods = new Set(["GET", "POST", "PUT"]);

/**
 * A "Catch Hook" trigger. Success means "received", never "processed": Zapier gives a hook no way to tell, per
 * https://github.com/zapier/visual-builder/issues/133 (read 2026-11).
 */
export const zapier: VendorDefinition<typeof zapierSettings> = {
  name: "zapier",
  label: "Zapier",
  mount: "/zapier/",
  path,
  settings: zapierSettings,
  start({ settings, now }) {
    const pass = rateLimit(30, 1_000, now);
    return ({ method, path: asked, query, body, bytes, json }) => {
      const [pathname = ""] = asked.split("?");
      if (`${pathname}/`.replace("//", "/") !== path) return refusal(404, "not found");
      if (!methods.has(method)) return refusal(405, "method not allowed");
      if (settings.unsubscribed) return refusal(410, "unsubscribed");
      if (bytes > settings.maxBodyBytes) return refusal(413, "payload too large");
      if (settings.limits && !pass()) return refusal(429, "too many requests");
      const empty = body.trim() === "" && query.size === 0;
      const runs =
        settings.splitArrays && Array.isArray(json) ? json.map((run) => eventIdIn(run) ?? randomUUID()) : null;
      const success = { id: randomUUID(), request_id: randomUUID(), attempt: randomUUID(), status: "success" };
      return {
        ...reply(200, success),
        applied: !empty,
        processed: !empty && !settings.zapOff,
        ...(runs && { recordIds: runs }),
      };
    };
  },
};

function refusal(status: number, message: string): VendorAnswer {
  return { ...reply(status, { status: "error", message }), applied: false };
}

function reply(status: number, body: object): Omit<VendorAnswer, "applied"> {
  return { status, headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}
