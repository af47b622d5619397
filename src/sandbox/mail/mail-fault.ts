import * as z from "zod";
import { hits } from "../fault.ts";

/** The steps of an SMTP dialogue at which something can go wrong. */
const step = z.enum(["connect", "auth", "mail", "rcpt", "data"]);
export type MailStep = z.infer<typeof step>;

/**
 * What the mail server does instead of its own answer, at one step of the dialogue. At `data` the mail has been received to its
 * last byte; `applied` says whether it is kept all the same.
 */
export const mailFault = z.discriminatedUnion("type", [
  /** A reply of failure: 4xx is "not now", 5xx is "never". The text may begin with an enhanced code such as `5.7.1`. */
  z.strictObject({
    type: z.literal("reply"),
    at: step,
    code: z.number().int().min(400).max(599),
    text: z.string().max(400).optional(),
    /** @default false */
    applied: z.boolean().optional(),
    ...hits,
  }),
  /** Never answers. */
  z.strictObject({ type: z.literal("hang"), at: step, applied: z.boolean().optional(), ...hits }),
  /** The connection is reset: at `data` with `applied`, "taken, but the 250 was lost". */
  z.strictObject({ type: z.literal("drop"), at: step, applied: z.boolean().optional(), ...hits }),
  /** Answers the mail after `ms`. */
  z.strictObject({ type: z.literal("latency"), ms: z.number().int().min(0).max(3_600_000), ...hits }),
]);
export type MailFault = z.infer<typeof mailFault>;
