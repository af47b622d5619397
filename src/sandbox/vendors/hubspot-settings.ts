import * as z from "zod";

/** HubSpot's switches. */
export const hubspotSettings = z.object({
  /** The token requests must carry; null for any. */
  accessToken: z.string().min(1).nullable().default(null),
  /** The token's scopes; null for all there are. */
  scopes: z.array(z.string()).nullable().default(null),
  /** Calls in any ten seconds: 100 on Free and Starter, 190 on Professional and Enterprise, 250 with the add-on. */
  callsPer10s: z.number().int().positive().default(100),
  callsPerDay: z.number().int().min(0).default(250_000),
  /** Searches in any second. */
  searchesPerSecond: z.number().int().positive().default(5),
  /** Whether limits are enforced; the headers are sent in any case. */
  limits: z.boolean().default(true),
  /** How long search does not know what was written. */
  searchLagMs: z.number().int().min(0).default(2_000),
  /** How a contact that is there already is worded on creation. */
  conflicts: z.enum(["conflict", "coordinates"]).default("conflict"),
  /** Second addresses also find a contact by `idProperty=email`. Undocumented, so choose. */
  findsBySecondEmail: z.boolean().default(false),
  /** Errors name properties only inside the message, as older answers did. */
  errorsInMessageOnly: z.boolean().default(false),
  /** Batch creation answers item by item when every input has a trace id. */
  multiStatus: z.boolean().default(true),
  /** Results of a batch carry the trace ids that were sent. */
  echoesTraceIds: z.boolean().default(true),
  /** Whether a batch that is read names those it does not find, as up to 2026-03; the 2026-09 specification lists no such answer. */
  batchReadMisses: z.enum(["named", "left-out"]).default("named"),
  /** Whether merged contacts tell which ones they were merged from. */
  namesMerged: z.boolean().default(true),
  /** The id of the one form there is. */
  formId: z.string().default("0d9f9a55-8a3c-4a5c-9a2f-6b1f6c1d7e01"),
  portalId: z.string().default("123456"),
  /** The form's fields; others are refused. */
  formFields: z.array(z.string()).default(["email", "firstname", "lastname", "phone", "company", "message"]),
  /** How long a submission takes to become a contact. */
  formLagMs: z.number().int().min(0).default(0),
  /** Whether the form asks for consent to be processed, and refuses submissions without. */
  formAsksForConsent: z.boolean().default(false),
  /** Ids of the subscription types there are. */
  subscriptionTypes: z.array(z.number().int().positive()).default([42, 43]),
  /** Whether who has unsubscribed can be subscribed again. Refused up to v3; since then said to be possible, so choose. */
  resubscribing: z.enum(["refused", "allowed"]).default("refused"),
  /** How it is answered that somebody has unsubscribed already. Undocumented, so choose. */
  repeatedUnsubscribe: z.enum(["no-change", "refused"]).default("no-change"),
  /** Data privacy settings: a status needs its legal ground. */
  dataPrivacy: z.boolean().default(true),
  /** What creating a contact anew that was deleted for good comes to. HubSpot's pages disagree, so choose. */
  recreating: z.enum(["allowed", "refused", "conflict"]).default("allowed"),
  /** What deleting for good a contact that is not there is answered. Undocumented, so choose. */
  deletingNobody: z.union([z.literal(204), z.literal(400), z.literal(404)]).default(404),
  timeZone: z.string().default("US/Eastern"),
});
export type HubSpotSettings = z.output<typeof hubspotSettings>;
