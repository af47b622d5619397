import { z } from "@hono/zod-openapi";
import { isPlainId } from "../../model/form.ts";
import { type DeliveryId, isLeadId, type LeadId, parseDeliveryId } from "../../model/id.ts";

/** A time as the API writes it. */
export const time = z.string().openapi({ format: "date-time", example: "2026-11-24T09:30:00.000Z" });

/** A time as callers may write it: a date, or a date and time with its zone. Epoch milliseconds afterwards. */
export const timeGiven = z
  .union([z.iso.date(), z.iso.datetime({ offset: true })], "must be a date or an ISO 8601 time with its zone")
  .transform((text) => Date.parse(text));

export const leadId = z
  .string()
  .refine((text): text is LeadId => isLeadId(text), "is not a lead's id")
  .openapi({ type: "string", example: "lead_019ab000-0000-7000-8000-00007f3a91c2" });

export const deliveryId = z
  .string()
  .max(200)
  .refine((text): text is DeliveryId => parseDeliveryId(text) !== null, "is not a delivery's id")
  .openapi({ type: "string", example: "dlv_019ab000-0000-7000-8000-00007f3a91c2_hubspot" });

/** The id of a form or a destination. */
export const plainId = z
  .string()
  .refine(isPlainId, "must be lower-case letters, digits and hyphens, at most 64")
  .openapi({ type: "string", example: "hubspot" });

/** A purpose as consents name it. */
export const purpose = z.string().min(1).max(100).openapi({ example: "marketing" });

/** A whole number in a query. */
export function wholeNumber(from: number, to: number) {
  return z
    .string()
    .regex(/^\d{1,15}$/, "must be a whole number")
    .transform(Number)
    .refine((n) => n >= from && n <= to, `must be from ${from} to ${to}`)
    .openapi({ type: "integer", minimum: from, maximum: to });
}

/** A line of text people type. */
export function line(most: number) {
  return z.string().trim().min(1).max(most);
}

/** Something that was asked for and not done, with the reason. */
export const refused = z.array(z.object({ id: z.string(), message: z.string() }));

/** A time of ours as the API writes it. */
export function iso(ms: number): string {
  return new Date(ms).toISOString();
}

/** The same, where there may be none. */
export function isoOrNull(ms: number | null | undefined): string | null {
  return ms === null || ms === undefined ? null : iso(ms);
}
