import { createRoute } from "@hono/zod-openapi";
import type { Gateway } from "../../gateway.ts";
import type { Verification, VerificationId } from "../../ledger/verifications.ts";
import { parseDeliveryId } from "../../model/id.ts";
import { actorOf } from "./caller.ts";
import { iso } from "./fields.ts";
import { needs } from "./permissions.ts";
import { notFound } from "./problem.ts";
import { answers, newRouter, takes } from "./router.ts";
import {
  completeness as completenessSchema,
  missingJson,
  missingQuery,
  standingsJson,
  verification,
  verificationDetail,
  verificationJson,
  verificationParams,
  verifyRequest,
} from "./verification-schemas.ts";

const tags = ["Verifications"];
const shownRuns = 20;

const latest = createRoute({
  method: "get",
  path: "/verifications",
  summary: "Whether every lead is where it was brought, as last read back",
  tags,
  ...needs("read"),
  responses: answers(completenessSchema, "The latest of everything, and of each destination"),
});

const begin = createRoute({
  method: "post",
  path: "/verifications",
  summary: "Look whether every lead is where it was brought; it goes on by itself",
  tags,
  ...needs("operate"),
  request: takes(verifyRequest),
  responses: answers(verification, "How it begins; 409 `verify_under_way` while another is under way"),
});

const one = createRoute({
  method: "get",
  path: "/verifications/{id}",
  summary: "How far a verification is, what it came to, and what is missing",
  tags,
  ...needs("read"),
  request: { params: verificationParams, query: missingQuery },
  responses: answers(verificationDetail, "The verification"),
});

/** The completeness proof. */
export function verificationRoutes({ completeness, ledger, options }: Gateway) {
  function json(run: Verification) {
    const current = completeness.current();
    return verificationJson(run, current?.id === run.id ? current.looked : null);
  }

  return newRouter()
    .openapi(latest, async (c) => {
      const [{ whole, byDestination, underWay, missing }, recent] = await Promise.all([
        completeness.latest(),
        ledger.verifications.latest(shownRuns),
      ]);
      const at = options.verifyAt;
      return c.json(
        {
          whole: whole && json(whole),
          destinations: byDestination.map(({ destination, verification: run }) => ({
            destination,
            verdicts: standingsJson(run).find((one) => one.destination === destination)?.verdicts ?? [],
            verification: run.id,
            read_back_at: iso(run.endedAt ?? run.startedAt),
          })),
          under_way: underWay && json(underWay),
          recent: recent.map(json),
          missing: missing.map(({ destination, count, since }) => ({ destination, count, since: iso(since) })),
          nightly_at: at && `${String(at.hour).padStart(2, "0")}:${String(at.minute).padStart(2, "0")}`,
        },
        200,
      );
    })
    .openapi(begin, async (c) => {
      const { destination, since, until, repair } = c.req.valid("json");
      const run = await completeness.start({
        ...(destination === undefined ? {} : { destination }),
        ...(since === undefined ? {} : { since }),
        ...(until === undefined ? {} : { until }),
        repair,
        actor: actorOf(c.get("caller")),
      });
      return c.json(json(run), 200);
    })
    .openapi(one, async (c) => {
      const run = await ledger.verifications.find(c.req.valid("param").id as VerificationId);
      if (!run) throw notFound("verification");
      const { destination, after, size = 50 } = c.req.valid("query");
      const last = after === undefined ? null : parseDeliveryId(after);
      const missing = await ledger.verifications.missing({
        run: run.id,
        limit: size + 1,
        ...(destination === undefined ? {} : { destination }),
        ...(last ? { after: last } : {}),
      });
      const page = missing.slice(0, size);
      const next = missing.length > size ? (page.at(-1)?.deliveryId ?? null) : null;
      return c.json({ ...json(run), missing: page.map(missingJson), next }, 200);
    });
}
