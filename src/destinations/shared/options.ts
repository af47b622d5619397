import * as z from "zod";

/** Marks options whose value must never be shown, logged or exported. */
export const secrets = z.registry<{ secret: true }>();

/** A secret text option. */
export function secret(): z.ZodString {
  return z.string().min(1).register(secrets, { secret: true });
}

/** An http or https address. Addresses of hooks are secrets themselves: whoever knows one can post to it. */
export function hookUrl(): z.ZodURL {
  return z.url({ protocol: /^https?$/, error: "must be an http or https address" }).register(secrets, { secret: true });
}
