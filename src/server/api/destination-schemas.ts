import { z } from "@hono/zod-openapi";
import { lackings } from "../../ledger/ledger.ts";
import { plainId, time, timeGiven } from "./fields.ts";

const n = z.number().int();

/** One destination as it stands. */
export const destinationSummary = z
  .object({
    id: z.string(),
    kind: z.string(),
    label: z.string(),
    /** `down`: it does not answer; one probe at a time goes out. */
    state: z.enum(["working", "paused", "down"]),
    pause: z
      .object({ since: time, by: z.enum(["machine", "person"]), reason: z.string(), code: z.string() })
      .nullable(),
    /** Attempts under way right now. */
    under_way: n,
    counts: z.object({ pending: n, claimed: n, delivered: n, dead: n, withheld: n, cancelled: n }),
    oldest_waiting_at: time.nullable(),
    last_delivered_at: time.nullable(),
    /** Of the last seven days' attempts that ended something: the share that delivered, 0 to 1. */
    delivered_share: z.number().nullable(),
    /** Within how many milliseconds half of the last seven days' leads had arrived: the bound of a bucket. */
    median_wait_ms: z.number().nullable(),
    /** What the last seven days' failed attempts came to. */
    errors: z.array(z.object({ outcome: z.string(), count: n })),
    can: z.object({ check: z.boolean(), setup: z.boolean(), sample: z.boolean() }),
  })
  .openapi("DestinationSummary");
export type DestinationSummary = z.infer<typeof destinationSummary>;

export const destinationDetail = destinationSummary
  .extend({
    purpose: z.string(),
    basis: z.string(),
    role: z.string(),
    recipient: z.string().nullable(),
    /** At most `limit` requests in `interval_ms`. `left`: so many may go right now; when none may, `next_at` says when the next one. */
    pace: z
      .object({ limit: z.number(), interval_ms: z.number(), left: n.nullable(), next_at: time.nullable() })
      .nullable(),
    concurrency: n,
    batch_size: n,
    timeout_ms: z.number(),
    /** The waits between attempts. */
    schedule_ms: z.array(z.number()),
    /** What the last seven days' attempts came to, hour by hour. `duration_ms`: all of them together. */
    hours: z.array(z.object({ hour: time, outcome: z.string(), count: n, duration_ms: z.number() })),
    dead: z.array(z.object({ code: z.string(), message: z.string(), count: n })),
  })
  .openapi("Destination");
export type DestinationDetail = z.infer<typeof destinationDetail>;

export const checkResult = z
  .object({
    what: z.string(),
    result: z.enum(["ok", "warning", "problem"]),
    detail: z.string(),
    cure: z.string().optional(),
  })
  .openapi("CheckResult");

export const destinationParams = z.strictObject({ id: plainId });

/** A test lead goes to the one destination. `email`: whose address it bears, for destinations that mail it. */
export const testRequest = z.strictObject({ email: z.email().max(254).optional() });

export const resyncRequest = z.strictObject({
  since: timeGiven.optional(),
  until: timeGiven.optional(),
  form: plainId.optional(),
  /** Only those it lacks for this reason. Whatever the reason, when left out. */
  state: z.enum(lackings).optional(),
  dry_run: z.boolean().default(false),
});
