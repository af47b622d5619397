import type { LeadId } from "../model/id.ts";
import type { Typed } from "./correction-form.ts";
import type { IntakeReply, IntakeRequest } from "./intake-request.ts";
import type { MediaType } from "./media-type.ts";
import { pageHeaders } from "./page.ts";
import { type Refusal, type RefusalCode, refusals } from "./refusal.ts";
import { refusalPage } from "./refusal-page.ts";

/** One request on its way to its reply, and what its reply depends on. */
export type Exchange = {
  request: IntakeRequest;
  media: MediaType;
  /** CORS headers; empty until the origin was found allowed. */
  cors: Record<string, string>;
  /** Null until the body was read. */
  typed: Typed | null;
};

const noStore = { "cache-control": "no-store" };
const extraHeaders: { [Code in RefusalCode]?: Record<string, string> } = {
  method_not_allowed: { allow: "POST, OPTIONS" },
  ledger_unavailable: retryAfter(5),
};

/** A script on another origin may read Retry-After only when told so. */
function retryAfter(seconds: number): Record<string, string> {
  return { "retry-after": String(seconds), "access-control-expose-headers": "retry-after" };
}

/** True when the sender reads JSON: it sends JSON or asks for it. Otherwise it is a browser showing pages. */
export function wantsJson({ request, media }: Pick<Exchange, "request" | "media">): boolean {
  return media.type === "json" || (request.header("accept")?.toLowerCase().includes("application/json") ?? false);
}

/** `location` is where a browser goes; null answers JSON. */
export function acceptedReply({ cors }: Exchange, lead: LeadId, location: string | null): IntakeReply {
  if (location !== null) return { status: 303, headers: { ...noStore, ...cors, location }, body: "" };
  return {
    status: 202,
    headers: { ...noStore, ...cors, "content-type": "application/json" },
    body: `{"lead_id":"${lead}","state":"accepted"}`,
  };
}

/** Problem details per https://www.rfc-editor.org/rfc/rfc9457, or a page for people. */
export function refusedReply(exchange: Exchange, refusal: Refusal): IntakeReply {
  const { code, detail, errors, waitSeconds } = refusal;
  const { status, title } = refusals[code];
  const wait = waitSeconds === undefined ? {} : retryAfter(waitSeconds);
  const headers = { ...noStore, ...exchange.cors, ...extraHeaders[code], ...wait };
  if (!wantsJson(exchange)) {
    const body = refusalPage(refusal, exchange.request.path, exchange.typed);
    return { status, headers: { ...headers, ...pageHeaders }, body };
  }
  const problem = { type: "about:blank", title, status, code, detail, ...(errors.length > 0 && { errors }) };
  return { status, headers: { ...headers, "content-type": "application/problem+json" }, body: JSON.stringify(problem) };
}

/** The answer to a browser that asks, before it posts, whether it may. */
export function preflightReply({ cors }: Exchange): IntakeReply {
  const headers = {
    ...noStore,
    ...cors,
    "access-control-allow-methods": "POST, OPTIONS",
    "access-control-allow-headers": "content-type, accept, idempotency-key",
    "access-control-max-age": "86400",
  };
  return { status: 204, headers, body: "" };
}

export function pageReply(body: string): IntakeReply {
  return { status: 200, headers: { ...noStore, ...pageHeaders }, body };
}
