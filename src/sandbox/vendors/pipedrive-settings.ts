import * as z from "zod";

/** Pipedrive's switches. */
export const pipedriveSettings = z.object({
  /** The token requests must carry in `x-api-token`; null for any. */
  apiToken: z.string().min(1).nullable().default(null),
  companyDomain: z.string().default("acme"),
  /** How long the search does not know what was written. */
  searchLagMs: z.number().int().min(0).default(2_000),
  /** `exact_match` also finds addresses that only contain the term (https://github.com/pipedrive/client-nodejs/issues/108). */
  fuzzyExactMatch: z.boolean().default(true),
  /** Enforce the burst limits per token: all requests, and searches, in any 2 seconds. */
  limits: z.boolean().default(true),
  /** 20 on Lite, 40 on Growth, 100 on Premium, 120 on Ultimate. */
  requestsPer2s: z.number().int().positive().default(20),
  searchesPer2s: z.number().int().positive().default(10),
  /** 429 within a window that go unheeded before the edge shuts the door. */
  edgePatience: z.number().int().positive().default(30),
  /** Tokens a day for the whole company: 30 000 × plan × seats. */
  dailyBudget: z.number().int().min(0).default(30_000),
  /** The undocumented headers of the daily budget, which are not always sent. */
  dailyHeaders: z.boolean().default(true),
  /** The company's account is not open: 402. */
  unpaid: z.boolean().default(false),
  /** The plan takes no further leads and deals: 403 with a code. */
  capped: z.boolean().default(false),
  /** The Campaigns add-on: persons have a `marketing_status`. */
  campaigns: z.boolean().default(false),
  /** Which changes of it go through: one since the person was added, or only those from `no_consent`; others are passed over. */
  marketingChanges: z.enum(["once", "from-no-consent"]).default("once"),
  /** What asking for it without Campaigns comes to: it is left out, or the request is refused. */
  marketingAsked: z.enum(["left-out", "refused"]).default("left-out"),
  /** Whether the token's user may delete; else 403. */
  mayDelete: z.boolean().default(true),
  /** Deleted persons and deals are shown by id as `is_deleted` for 30 days; else 404. */
  showsDeleted: z.boolean().default(true),
  /** What deleting something a second time is answered. */
  deletedTwice: z.union([z.literal(200), z.literal(404), z.literal(410)]).default(404),
  /** What becomes of a deleted person's leads: they lose their person, keep pointing to it, or go too. */
  leadsOfDeleted: z.enum(["unlinked", "kept", "deleted"]).default("unlinked"),
  /** Version 1 writes an empty list as null; else as one. */
  emptyIsNull: z.boolean().default(true),
  /** A write whose body holds this text is answered 500, again and again (https://github.com/pipedrive/client-php/issues/234). */
  poison: z.string().min(1).nullable().default(null),
});
export type PipedriveSettings = z.output<typeof pipedriveSettings>;
