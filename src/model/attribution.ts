import * as z from "zod";

/** Campaign parameters, per https://support.google.com/analytics/answer/10917952 (read 2026-11). */
export const utmKeys = ["utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term", "utm_id"] as const;

/** Click ids the ad networks append to the landing page's address. Kept exactly as they came: they are case-sensitive. */
export const clickIdKeys = [
  "gclid",
  "gbraid",
  "wbraid",
  "dclid",
  "fbclid",
  "msclkid",
  "ttclid",
  "li_fat_id",
  "twclid",
  "yclid",
  "epik",
  "rdt_cid",
  "ScCid",
  "irclickid",
] as const;

/**
 * Where a lead came from: one snapshot, taken whole from one source and never mixed.
 * `parameters` holds UTM values and click ids by their own names, unaltered.
 */
export const attribution = z.object({
  url: z.string().nullable(),
  referrer: z.string().nullable(),
  parameters: z.record(z.string(), z.string()),
  /** Which of the three sources it was taken from; `none` when there was nothing to read. */
  from: z.enum(["script", "fields", "referer", "none"]),
  /** HubSpot's visitor id (its cookie `hubspotutk`), when the visitor's browser had one; a worker later has no cookie to ask. */
  hutk: z.string().optional(),
  /** The page's title. */
  pageName: z.string().optional(),
});
export type Attribution = z.infer<typeof attribution>;

export const noAttribution: Attribution = { url: null, referrer: null, parameters: {}, from: "none" };
