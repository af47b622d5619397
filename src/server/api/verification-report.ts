import { createRoute, z } from "@hono/zod-openapi";
import { openReportKey } from "../../completeness.ts";
import type { Gateway } from "../../gateway.ts";
import type { VerificationId } from "../../ledger/verifications.ts";
import { mostNamed, reportOf } from "../../watch/report.ts";
import { needs } from "./permissions.ts";
import { conflict, notFound } from "./problem.ts";
import { newRouter } from "./router.ts";
import { verificationParams } from "./verification-schemas.ts";

const download = createRoute({
  method: "get",
  path: "/verifications/{id}/report",
  summary: "A complete verification as a signed report for somebody else",
  tags: ["Verifications"],
  ...needs("read"),
  request: {
    params: verificationParams,
    query: z.strictObject({ format: z.enum(["html", "json"]).default("html") }),
  },
  responses: {
    200: {
      description: "The report, as a page or (`format=json`) as JSON; 409 `not_complete` while it is under way",
      content: { "text/html": { schema: z.string() } },
    },
  },
});

/** The completeness proof, to be given away. */
export function verificationReportRoutes({ ledger, options }: Gateway) {
  return newRouter().openapi(download, async (c) => {
    const run = await ledger.verifications.find(c.req.valid("param").id as VerificationId);
    if (!run) throw notFound("verification");
    if (run.state !== "complete") throw conflict("not_complete", "The verification is not complete.");
    const places = new Set(run.counts.tallies.map(({ destination }) => destination));
    const missing = await Promise.all(
      [...places].map((destination) => ledger.verifications.missing({ run: run.id, destination, limit: mostNamed })),
    );
    const signed = openReportKey(options).sign(reportOf(run, options.destinations, missing.flat()));
    const { format } = c.req.valid("query");
    const day = signed.report.ended_at.slice(0, 10);
    c.header("content-disposition", `attachment; filename="verification-${day}.${format}"`);
    if (format === "json") return c.body(`${JSON.stringify(signed, null, 2)}\n`, 200, jsonType);
    const { reportPage } = await import("../../watch/report-html.ts");
    return c.body(reportPage(signed), 200, htmlType);
  });
}

const jsonType = { "content-type": "application/json" };
const htmlType = { "content-type": "text/html; charset=utf-8" };
