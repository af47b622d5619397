import { createRoute, z } from "@hono/zod-openapi";
import type { Gateway } from "../../gateway.ts";
import { version } from "../version.ts";
import { checkResult } from "./destination-schemas.ts";
import { needs } from "./permissions.ts";
import { answers, newRouter } from "./router.ts";

const setup = z
  .object({
    /** Every variable this program reads: names, never values. `what` completes the sentence "Set it to …". */
    variables: z.array(
      z.object({
        name: z.string(),
        set: z.boolean(),
        source: z.enum(["environment", "file", "default"]).nullable(),
        what: z.string(),
      }),
    ),
    data_folder: z.string(),
    ledger: z.string(),
    version: z.string(),
    node: z.string(),
  })
  .openapi("Setup");

const show = createRoute({
  method: "get",
  path: "/setup",
  summary: "What is configured by which variable",
  tags: ["Set-up"],
  ...needs("operate"),
  responses: answers(setup, "The set-up"),
});

const check = createRoute({
  method: "post",
  path: "/setup/check",
  summary: "Run the doctor's checks of all destinations",
  tags: ["Set-up"],
  ...needs("operate"),
  responses: answers(
    z.array(checkResult.extend({ destination: z.string().nullable() })),
    "What was looked at, and what was found",
  ),
});

/** How this gateway is set up, and whether that works. */
export function setupRoutes(gateway: Gateway) {
  const { options } = gateway;
  return newRouter()
    .openapi(show, (c) =>
      c.json(
        {
          variables: options.variables.map(({ name, source, what }) => ({
            name,
            set: source === "environment" || source === "file",
            source,
            what,
          })),
          data_folder: options.dataFolder,
          ledger: "SQLite",
          version: version(),
          node: process.version,
        },
        200,
      ),
    )
    .openapi(check, async (c) => {
      const results = await Promise.all(
        options.destinations.map(async (destination) =>
          (await gateway.check(destination)).map((result) => ({ destination: destination.id, ...result })),
        ),
      );
      return c.json(results.flat(), 200);
    });
}
