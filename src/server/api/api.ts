import { bodyLimit } from "hono/body-limit";
import { compress } from "hono/compress";
import { HTTPException } from "hono/http-exception";
import type { Gateway } from "../../gateway.ts";
import { LeadkeepError, LedgerUnavailable } from "../../model/errors.ts";
import { traceOf } from "../../model/log.ts";
import { version } from "../version.ts";
import { actRoutes } from "./acts.ts";
import { alertRoutes } from "./alerts.ts";
import { deliveryRoutes } from "./deliveries.ts";
import { createDesk, type Desk } from "./desk.ts";
import { destinationRoutes } from "./destinations.ts";
import { openApiDocument } from "./document.ts";
import { eventRoutes } from "./events.ts";
import { formRoutes } from "./forms.ts";
import { createGuard } from "./guard.ts";
import { leadRoutes } from "./leads.ts";
import { overviewRoutes } from "./overview.ts";
import { peopleRoutes } from "./people.ts";
import { Problem, problemResponse } from "./problem.ts";
import { rhythmRoutes } from "./rhythm.ts";
import { newRouter } from "./router.ts";
import { sessionRoutes } from "./sessions.ts";
import { setupRoutes } from "./setup.ts";
import { subjectRoutes } from "./subjects.ts";
import { verificationReportRoutes } from "./verification-report.ts";
import { verificationRoutes } from "./verifications.ts";

/** Longest body of a request. */
const longestBody = 64 * 1024;

/** The routes of the JSON API. */
export function apiRoutes(gateway: Gateway, desk: Desk, stopping: AbortSignal) {
  return newRouter()
    .route("/", sessionRoutes(gateway, desk))
    .route("/", overviewRoutes(gateway))
    .route("/", alertRoutes(gateway))
    .route("/", leadRoutes(gateway))
    .route("/", deliveryRoutes(gateway))
    .route("/", destinationRoutes(gateway))
    .route("/", verificationRoutes(gateway))
    .route("/", verificationReportRoutes(gateway))
    .route("/", formRoutes(gateway))
    .route("/", rhythmRoutes(gateway))
    .route("/", actRoutes(gateway))
    .route("/", peopleRoutes(gateway))
    .route("/", setupRoutes(gateway))
    .route("/", subjectRoutes(gateway))
    .route("/", eventRoutes(gateway, desk, stopping));
}

/** The API's type, for Hono's client: `hc<Api>("/api/v1")`. */
export type Api = ReturnType<typeof apiRoutes>;

/**
 * The JSON API below `prefix`: routes, the guard in front of them, and problems for whatever goes wrong. `stopping` ends the streams
 * of those who listen.
 */
export function createApi(gateway: Gateway, { prefix, stopping }: { prefix: string; stopping: AbortSignal }) {
  const desk = createDesk(gateway);
  const described = apiRoutes(gateway, desk, stopping);
  let document: ReturnType<typeof openApiDocument> | null = null;
  const api = newRouter().basePath(prefix);
  api.use("*", async (c, next) => {
    await next();
    for (const [name, value] of Object.entries(answerHeaders)) c.res.headers.set(name, value);
  });
  api.use("*", bodyLimit({ maxSize: longestBody, onError: () => problemResponse(tooLarge()) }));
  // The long ones, which say the same again and again: ninety days, the same form in eleven ways.
  for (const path of ["/overview", "/forms", "/openapi.json"]) api.use(path, compress());
  api.get("/openapi.json", (c) => {
    document ??= openApiDocument(described, { version: version(), server: prefix });
    return c.json(document);
  });
  api.use("*", createGuard(gateway, desk, described, prefix));
  api.route("/", described);
  api.notFound(() => problemResponse(new Problem(404, "not_found", "There is nothing at this address.")));
  api.onError((error) => {
    if (error instanceof Problem) return problemResponse(error);
    return problemResponse(problemOf(error) ?? surprise(error));
  });
  return api;

  function surprise(error: unknown): Problem {
    gateway.log.error({ error: traceOf(error) }, "a request to the API failed");
    return new Problem(500, "internal", "Something went wrong here.");
  }
}

/** Nothing of it is to be kept by a browser or a proxy, shown as a page, or framed. */
const answerHeaders = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

/** What an expected failure is to the caller; null when it was not expected. */
function problemOf(error: unknown): Problem | null {
  if (error instanceof LedgerUnavailable) {
    const extras = { headers: { "retry-after": "5" } };
    return new Problem(503, "ledger_unavailable", "The ledger cannot be used just now. Nothing was changed.", extras);
  }
  if (error instanceof LeadkeepError) {
    if (error.code.startsWith("unknown_")) return new Problem(404, "not_found", error.message);
    return new Problem(409, error.code, error.message);
  }
  if (!(error instanceof HTTPException)) return null;
  if (error.status === 415) return new Problem(415, "unsupported_type", "The body has to be application/json.");
  if (error.status === 413) return tooLarge();
  return error.status < 500 ? new Problem(error.status, "malformed", "The body is not JSON.") : null;
}

function tooLarge(): Problem {
  return new Problem(413, "too_large", "The body is longer than 64 KiB.");
}
