import { Hono } from "hono";
import type { Gateway } from "../gateway.ts";
import { LedgerUnavailable } from "../model/errors.ts";
import { traceOf } from "../model/log.ts";

/** Everything the server answers beside submissions. */
export function createApp(gateway: Gateway): Hono {
  const app = new Hono();

  /** The process lives. Says nothing of the ledger, so that a full disk does not make an orchestrator kill it. */
  app.get("/healthz", (c) => c.json({ status: "ok" }));

  /** Submissions would be kept now: the ledger takes writes. */
  app.get("/readyz", async (c) => {
    try {
      await gateway.ledger.checkWritable();
    } catch (error) {
      if (!(error instanceof LedgerUnavailable)) throw error;
      return c.json({ status: "unavailable", reason: "ledger_unavailable" }, 503, { "retry-after": "5" });
    }
    const lanes = gateway.status();
    return c.json({
      status: "ready",
      destinations: lanes.map(({ id, pause, open }) => ({ id, state: laneState(pause, open) })),
    });
  });

  app.get("/leadkeep.js", (c) => gateway.handler(c.req.raw));

  app.get("/", (c) => c.text("Leadkeep is running. Forms post to /f/{form}.\n"));
  app.notFound((c) => problem(c.req.path, 404, "not_found", "There is nothing at this address."));
  app.onError((error, c) => {
    gateway.log.error({ error: traceOf(error) }, "a request failed");
    return problem(c.req.path, 500, "internal", "Something went wrong here.");
  });
  return app;
}

function laneState(pause: unknown, open: boolean): "paused" | "down" | "working" {
  if (pause) return "paused";
  return open ? "down" : "working";
}

function problem(instance: string, status: number, code: string, title: string): Response {
  const body = JSON.stringify({ type: "about:blank", title, status, code, instance });
  return new Response(body, { status, headers: { "content-type": "application/problem+json" } });
}
