import { createRoute, z } from "@hono/zod-openapi";
import type { Gateway } from "../../gateway.ts";
import { wholeNumber } from "./fields.ts";
import { actJson } from "./lead-json.ts";
import { act } from "./lead-schemas.ts";
import { needs } from "./permissions.ts";
import { answers, newRouter } from "./router.ts";

const list = createRoute({
  method: "get",
  path: "/acts",
  summary: "Who did what, newest first",
  tags: ["Activity"],
  ...needs("read"),
  request: {
    query: z.strictObject({
      before: wholeNumber(1, Number.MAX_SAFE_INTEGER).optional(),
      size: wholeNumber(1, 200).optional(),
    }),
  },
  responses: answers(
    z.object({
      acts: z.array(act),
      /** Give it as `before` for the next page; null when there is none. */
      next: z.number().int().nullable(),
    }),
    "One page of acts",
  ),
});

/** The record of what people, and the machine on its own, did. */
export function actRoutes({ ledger }: Gateway) {
  return newRouter().openapi(list, async (c) => {
    const { before, size = 50 } = c.req.valid("query");
    const acts = await ledger.acts({ limit: size + 1, ...(before === undefined ? {} : { before }) });
    const page = acts.slice(0, size);
    return c.json({ acts: page.map(actJson), next: acts.length > size ? (page.at(-1)?.n ?? null) : null }, 200);
  });
}
