import { z } from "@hono/zod-openapi";
import { destinationSummary } from "./destination-schemas.ts";
import { time } from "./fields.ts";
import { isTimezone } from "./leads-by-day.ts";

const n = z.number().int();

/** Something that is wrong, in words, with what to do about it. */
export const trouble = z
  .object({
    /** The same as long as the trouble is the same. */
    id: z.string(),
    severity: z.enum(["problem", "warning"]),
    /** For pages that have words of their own for it. */
    code: z.enum(["paused", "down", "dead_letters", "waiting_long", "orphaned", "no_destination"]),
    destination: z.string().nullable(),
    what: z.string(),
    since: time.nullable(),
    leads: n,
    cure: z.string(),
    action: z
      .object({
        type: z.enum(["resume", "replay", "open"]),
        destination: z.string().optional(),
        /** A page of the console, below `/console`. */
        href: z.string().optional(),
      })
      .nullable(),
  })
  .openapi("Trouble");
export type Trouble = z.infer<typeof trouble>;

/** `value`: the form or source; null for the rare ones together. */
const dayCount = z.object({ day: z.iso.date(), value: z.string().nullable(), count: n });

export const overview = z
  .object({
    since: time,
    until: time,
    leads: z.object({ active: n, quarantined: n, erased: n }),
    /** Leads accepted, day by day in the time zone asked for: all of them by form, and all of them by source (utm_source, or empty). */
    leads_by_day: z.object({ form: z.array(dayCount), source: z.array(dayCount) }),
    destinations: z.array(destinationSummary),
    troubles: z.array(trouble),
    forms: z.array(z.string()),
  })
  .openapi("Overview");

/** In whose days and hours an answer counts. */
export const timezoneParameter = z
  .string()
  .max(100)
  .refine(isTimezone, "must be the name of a time zone, such as Europe/Berlin")
  .optional()
  .openapi({ type: "string", example: "Europe/Berlin", default: "UTC" });

export const overviewQuery = z.strictObject({
  days: z.enum(["7", "30", "90"]).optional(),
  timezone: timezoneParameter,
});
