import { z } from "@hono/zod-openapi";
import type { Missing, Verification } from "../../ledger/verifications.ts";
import { verdicts } from "../../model/verdict.ts";
import { iso, isoOrNull, plainId, time, timeGiven, wholeNumber } from "./fields.ts";

const n = z.number().int();

const verdict = z.enum(verdicts).openapi("Verdict");

/** How the leads stand at one destination. */
const standing = z
  .object({
    destination: z.string(),
    /** `missing`, `unknown` and `dead` are to be seen to; all others are accounted for. Verdicts with no lead are left out. */
    verdicts: z.array(z.object({ verdict, code: z.string().nullable(), count: n })),
  })
  .openapi("LeadsAtDestination");

/** One look at how leads stand at their destinations. */
export const verification = z
  .object({
    id: z.string(),
    /** Null: all. */
    destination: z.string().nullable(),
    since: time.nullable(),
    until: time,
    repair: z.boolean(),
    /** `reading` and `repairing`: under way, or broken off and to be gone on with. `stopped`: given up. */
    state: z.enum(["reading", "repairing", "complete", "stopped"]),
    by: z.object({ type: z.string(), name: z.string() }),
    started_at: time,
    ended_at: time.nullable(),
    /** About how many leads there were to judge. */
    expected: n,
    /** Leads judged so far, and those of them for which nothing is left to see to. */
    leads: n,
    accounted: n,
    /** Missing ones that were sent again. */
    repaired: n,
    destinations: z.array(standing),
  })
  .openapi("Verification");

const missing = z
  .object({ delivery_id: z.string(), lead_id: z.string(), destination: z.string(), found_at: time })
  .openapi("MissingLead");

export const verificationDetail = verification
  .extend({
    /** One page of what it found missing and was not sent again, or seen, since. */
    missing: z.array(missing),
    /** Give it as `after` for the next page; null when there is none. */
    next: z.string().nullable(),
  })
  .openapi("VerificationDetail");

/** What holds just now. */
export const completeness = z
  .object({
    /** The newest complete look at everything: "`accounted` of `leads` leads accounted for, read back `ended_at`". */
    whole: verification.nullable(),
    /** Of each destination, the newest complete look at all of its leads. */
    destinations: z.array(standing.extend({ verification: z.string(), read_back_at: time }).openapi("ReadBack")),
    under_way: verification.nullable(),
    /** The last 20, newest first. */
    recent: z.array(verification),
    missing: z.array(z.object({ destination: z.string(), count: n, since: time })),
    /** When everything is read back each night, on the clock of the gateway; null: never. */
    nightly_at: z.string().nullable(),
  })
  .openapi("Completeness");

export const verifyRequest = z.strictObject({
  destination: plainId.optional(),
  since: timeGiven.optional(),
  until: timeGiven.optional(),
  /** Send again what is missing. */
  repair: z.boolean().default(false),
});

export const verificationParams = z.strictObject({
  id: z
    .string()
    .regex(/^vrf_[0-9a-f-]{36}$/, "is not a verification's id")
    .openapi({ example: "vrf_0f0c6f0e-6c0e-4c3e-9a63-2f1f3d7a91c2" }),
});

export const missingQuery = z.strictObject({
  destination: plainId.optional(),
  after: z.string().max(200).optional(),
  size: wholeNumber(1, 200).optional(),
});

/** `looked`: how far it is right now, where that is known better. */
export function verificationJson(run: Verification, looked: number | null): z.infer<typeof verification> {
  const { id, destination, since, until, repair, state, by, startedAt, endedAt, counts } = run;
  return {
    id,
    destination,
    since: isoOrNull(since),
    until: iso(until),
    repair,
    state,
    by: { type: by.type, name: by.name },
    started_at: iso(startedAt),
    ended_at: isoOrNull(endedAt),
    expected: counts.expected,
    leads: looked ?? counts.leads,
    accounted: counts.accounted,
    repaired: counts.repaired,
    destinations: standingsJson(run),
  };
}

export function standingsJson({ counts: { tallies } }: Verification): z.infer<typeof standing>[] {
  return [...Map.groupBy(tallies, ({ destination }) => destination)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([destination, own]) => ({
      destination,
      verdicts: own.map(({ verdict, code, count }) => ({ verdict, code, count })),
    }));
}

export function missingJson({ deliveryId, leadId, destination, foundAt }: Missing): z.infer<typeof missing> {
  return { delivery_id: deliveryId, lead_id: leadId, destination, found_at: iso(foundAt) };
}
