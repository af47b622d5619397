import type { HttpBindings } from "@hono/node-server";
import { Hono } from "hono";
import type { Gateway } from "../gateway.ts";
import { LedgerUnavailable } from "../model/errors.ts";
import { traceOf } from "../model/log.ts";
import { consolePages } from "./console.ts";
import { drainRoute } from "./drain.ts";
import type { openMetrics } from "./metrics-route.ts";

/** The socket, when a Node server is in front. */
type AppEnv = { Bindings: Partial<HttpBindings> };

/** Where the JSON API lives. */
const apiPrefix = "/api/v1";

/** Everything the server answers beside submissions. `stopping` ends what would go on for ever; `metrics` answers `GET /metrics`. */
export function createApp(
  gateway: Gateway,
  stopping: AbortSignal,
  metrics: ReturnType<typeof openMetrics>,
): Hono<AppEnv> {
  const app = new Hono<AppEnv>();

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

  app.get("/metrics", metrics);

  app.get("/leadkeep.js", (c) => gateway.handler(c.req.raw));

  /** Pages behind the links in mails. They answer any method themselves. */
  app.all("/c/:token", (c) => gateway.handler(c.req.raw));
  app.all("/u/:token", (c) => gateway.handler(c.req.raw));

  app.post("/internal/drain", drainRoute(gateway));

  /** The API's code is loaded with the first request to it. */
  const api = once(async () => (await import("./api/api.ts")).createApi(gateway, { prefix: apiPrefix, stopping }));
  app.all(`${apiPrefix}/*`, async (c) => (await api()).fetch(c.req.raw, c.env));

  const pages = consolePages();
  app.get("/console", pages);
  app.get("/console/*", pages);

  app.get("/", (c) => c.text("Leadkeep is running. Forms post to /f/{form}.\n"));
  app.notFound((c) => problem(c.req.path, 404, "not_found", "There is nothing at this address."));
  app.onError((error, c) => {
    gateway.log.error({ error: traceOf(error) }, "a request failed");
    return problem(c.req.path, 500, "internal", "Something went wrong here.");
  });
  return app;
}

/** What `make` gives, made once; a failure is not kept. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return () => {
    made ??= make().catch((error: unknown) => {
      made = null;
      throw error;
    });
    return made;
  };
}

function laneState(pause: unknown, open: boolean): "paused" | "down" | "working" {
  if (pause) return "paused";
  return open ? "down" : "working";
}

function problem(instance: string, status: number, code: string, title: string): Response {
  const body = JSON.stringify({ type: "about:blank", title, status, code, instance });
  return new Response(body, { status, headers: { "content-type": "application/problem+json" } });
}
