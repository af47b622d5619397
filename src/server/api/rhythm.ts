import { createRoute, z } from "@hono/zod-openapi";
import type { Gateway } from "../../gateway.ts";
import { plainId } from "./fields.ts";
import { timezoneParameter } from "./overview-schemas.ts";
import { needs } from "./permissions.ts";
import { answers, newRouter } from "./router.ts";

/** When a form's leads usually come, as silence is judged by. */
const rhythm = z
  .object({
    timezone: z.string(),
    /** Leads a week as of late. */
    per_week: z.number(),
    /** Leads expected in each hour of the week, Monday 0:00 first. */
    by_hour_of_week: z.array(z.number()).length(168),
  })
  .openapi("FormRhythm");

const show = createRoute({
  method: "get",
  path: "/forms/{id}/rhythm",
  summary: "When a form's leads usually come, by hour and weekday",
  tags: ["Forms"],
  ...needs("read"),
  request: {
    params: z.strictObject({ id: plainId }),
    query: z.strictObject({
      timezone: timezoneParameter,
    }),
  },
  responses: answers(
    z.object({ rhythm: rhythm.nullable() }),
    "What eight weeks have taught; null when too few leads have come to tell",
  ),
});

/** What the watch has learned of a form. */
export function rhythmRoutes({ ledger }: Gateway) {
  return newRouter().openapi(show, async (c) => {
    const { timezone = "UTC" } = c.req.valid("query");
    const now = Date.now();
    const { rhythmMs, rhythmOf } = await import("../../watch/silence/silences.ts");
    const tallies = await ledger.leadTallies(now - rhythmMs);
    const learned = rhythmOf(tallies, c.req.valid("param").id, { now, zone: timezone });
    return c.json(
      {
        rhythm: learned && { timezone, per_week: learned.perWeek, by_hour_of_week: learned.byHourOfWeek },
      },
      200,
    );
  });
}
