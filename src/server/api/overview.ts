import { createRoute } from "@hono/zod-openapi";
import type { Gateway } from "../../gateway.ts";
import { destinationFacts, destinationSummaryJson, talliedDays } from "./destination-json.ts";
import { iso } from "./fields.ts";
import { leadsByDay } from "./leads-by-day.ts";
import { overview, overviewQuery } from "./overview-schemas.ts";
import { needs } from "./permissions.ts";
import { answers, newRouter } from "./router.ts";
import { troublesOf } from "./troubles.ts";

const show = createRoute({
  method: "get",
  path: "/overview",
  summary: "Whether everything arrived, and if not, what to do",
  tags: ["Overview"],
  ...needs("read"),
  request: { query: overviewQuery },
  responses: answers(overview, "The overview"),
});

const dayMs = 86_400_000;

/** The first page's answer. */
export function overviewRoutes(gateway: Gateway) {
  const { ledger, options } = gateway;
  return newRouter().openapi(show, async (c) => {
    const now = Date.now();
    const { days = "7", timezone = "UTC" } = c.req.valid("query");
    const since = now - Number(days) * dayMs;
    const [leads, tallies, forms, counts, facts] = await Promise.all([
      ledger.leadCounts(),
      ledger.leadTallies(since),
      ledger.forms(),
      ledger.counts(),
      destinationFacts(gateway, now - talliedDays * dayMs),
    ]);
    const destinations = facts.map(destinationSummaryJson);
    const orphans = counts.filter(({ destination }) => !options.destinations.some(({ id }) => id === destination));
    return c.json(
      {
        since: iso(since),
        until: iso(now),
        leads,
        leads_by_day: {
          form: leadsByDay(tallies, "form", timezone),
          source: leadsByDay(tallies, "source", timezone),
        },
        destinations,
        troubles: troublesOf(destinations, orphans, now),
        forms: [...new Set([...(options.forms?.keys() ?? []), ...forms.map(({ form }) => form)])],
      },
      200,
    );
  });
}
