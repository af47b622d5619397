import { createRoute, z } from "@hono/zod-openapi";
import type { Gateway } from "../../gateway.ts";
import { alertKinds } from "../../model/alert.ts";
import { alertJson } from "../../watch/alert-json.ts";
import { actorOf } from "./caller.ts";
import { time } from "./fields.ts";
import { needs } from "./permissions.ts";
import { notFound } from "./problem.ts";
import { answers, newRouter } from "./router.ts";

const alertId = z.string().min(1).max(200).openapi({ example: "destination_blocked-hubspot-mht0v2k1" });

/** Something that is, or was, wrong, in words, with what to do about it. */
const alert = z
  .object({
    /** Of this occurrence. */
    id: alertId,
    /** For pages that have words of their own for it. */
    kind: z.enum(alertKinds).openapi("AlertKind"),
    /** What it is about; null: the gateway itself. */
    subject: z.object({ type: z.enum(["destination", "form"]), id: z.string() }).nullable(),
    severity: z.enum(["problem", "warning"]),
    state: z.enum(["open", "over"]),
    since: time,
    /** When people were last told that it had got worse; `since` until then. */
    worsened_at: time,
    over_at: time.nullable(),
    /** How many wait, are lost, or were to be expected. */
    leads: z.number().int(),
    reason: z.object({ code: z.string(), message: z.string() }).nullable(),
    what: z.string(),
    /** What has become of the leads, in words. */
    about_leads: z.string().nullable(),
    /** Null when it is over. */
    cure: z.string().nullable(),
    /** A page of the console, below `/console`. */
    href: z.string(),
    acknowledged: z.object({ by: z.string(), at: time }).nullable(),
  })
  .openapi("Alert");

const list = createRoute({
  method: "get",
  path: "/alerts",
  summary: "What is wrong, and what was: open alerts, and the last 50 that are over",
  tags: ["Alerts"],
  ...needs("read"),
  responses: answers(z.object({ open: z.array(alert), over: z.array(alert) }), "The gravest and newest first"),
});

const acknowledge = createRoute({
  method: "post",
  path: "/alerts/{id}/acknowledge",
  summary: "Note that an alert was seen: no reminders of it until it gets worse",
  tags: ["Alerts"],
  ...needs("operate"),
  request: { params: z.object({ id: alertId }) },
  responses: answers(alert, "The alert"),
});

/** What people are told of. */
export function alertRoutes({ alerts, ledger }: Gateway) {
  return newRouter()
    .openapi(list, async (c) => {
      const { open, over } = await alerts.list();
      return c.json({ open: open.map(alertJson), over: over.map(alertJson) }, 200);
    })
    .openapi(acknowledge, async (c) => {
      const actor = actorOf(c.get("caller"));
      const seen = await alerts.acknowledge(c.req.valid("param").id, actor.name);
      if (!seen) throw notFound("open alert");
      await ledger.recordAct({ at: Date.now(), actor, act: "acknowledge", subject: seen.id });
      return c.json(alertJson(seen), 200);
    });
}
