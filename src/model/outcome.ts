import * as z from "zod";

/** Why an attempt came out as it did: short, true, and free of secrets and personal data. */
export const reason = z.object({
  code: z.string(),
  message: z.string(),
  /** The HTTP status the destination answered, when it did. */
  status: z.number().int().optional(),
});
export type Reason = z.infer<typeof reason>;

/** Being told to wait: costs no try. */
export const rateLimited = "rate_limited";

/** What an attempt came to. See docs/architecture.md for what each one leads to. */
export const outcome = z.discriminatedUnion("type", [
  /** The destination has the lead; `ref` is the lead's id there. */
  z.object({
    type: z.literal("delivered"),
    ref: z.string().optional(),
    warnings: z.array(z.string()).optional(),
    /** The HTTP status it answered. */
    status: z.number().int().optional(),
  }),
  /** Not now. Tried again on the schedule, or after `waitMs` if that is longer. */
  z.object({ type: z.literal("retry"), reason, waitMs: z.number().nonnegative().optional() }),
  /** It may have arrived. Like `retry`, but the next try asks the destination first. */
  z.object({ type: z.literal("uncertain"), reason }),
  /** Never, for this lead. A dead letter at once. */
  z.object({ type: z.literal("rejected"), reason }),
  /** Never, for any lead, until someone acts. The lane pauses; no try is used up. */
  z.object({ type: z.literal("blocked"), reason }),
]);
export type Outcome = z.infer<typeof outcome>;
export type OutcomeType = Outcome["type"];
