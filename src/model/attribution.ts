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

/** One visit of the person before the submission, as `leadkeep.js` kept it in the browser with their consent. */
export const touch = z.object({
  /** The page they came in on, and where from. */
  url: z.string().nullable(),
  referrer: z.string().nullable(),
  parameters: z.record(z.string(), z.string()),
  /** Epoch milliseconds, by the browser's clock; null when it did not say. */
  at: z.number().nullable(),
});
export type Touch = z.infer<typeof touch>;

/**
 * Where a lead came from: one snapshot, taken whole from one source and never mixed.
 * `parameters` holds UTM values and click ids by their own names, unaltered: those of the page itself, or when it has none and
 * the browser kept a last touch, that one's whole set.
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
  /** What else the script read: the visitor ids of ad and analytics cookies, and parameters a site named itself. */
  extra: z.record(z.string(), z.string()).optional(),
  /** The first and the latest visit from somewhere. */
  firstTouch: touch.optional(),
  lastTouch: touch.optional(),
  /** A later visit with a bare click id, which takes no campaign's place in `lastTouch`. */
  lastClick: touch.optional(),
  /** Consent as the page knew it: Google's four signals by name, who said so (`source`) and when (`at`). */
  consentState: z.record(z.string(), z.string()).optional(),
});
export type Attribution = z.infer<typeof attribution>;

export const noAttribution: Attribution = { url: null, referrer: null, parameters: {}, from: "none" };
