import { type Outcome, type Reason, rateLimited } from "../../model/outcome.ts";
import { retryAfterMs } from "./retry-after.ts";

/**
 * The default verdict on an HTTP answer: 2xx is delivered, 4xx is not retried, 5xx is. The exceptions hold everywhere:
 * 408, 425 and 429 say "not now"; 401, 402 and 410 say "never for anyone until someone acts", as does a redirect, which is
 * not followed. A kind departs from this only where its vendor's documentation says so.
 *
 * @param now Epoch milliseconds, to read a `Retry-After` date by.
 */
export function outcomeOf(response: Response, now: number = Date.now()): Outcome {
  const { status } = response;
  if (status >= 200 && status < 300) return { type: "delivered", status };
  if (status < 400) return { type: "blocked", reason: answered(status, "redirected", ": use the final address") };
  const special = specialStatus[status];
  if (special)
    return { type: special.type, reason: answered(status, special.code), ...waitOf(response, special.type, now) };
  if (status < 500) return { type: "rejected", reason: answered(status, "rejected") };
  return { type: "retry", reason: answered(status, "server_error"), ...waitOf(response, "retry", now) };
}

/** A reason that names the status a destination answered. `detail` must hold no secret and no personal data. */
export function answered(status: number, code: string, detail = ""): Reason {
  return { code, message: `answered ${status}${detail}`, status };
}

const specialStatus: Record<number, { type: "retry" | "blocked"; code: string }> = {
  401: { type: "blocked", code: "unauthorized" },
  402: { type: "blocked", code: "payment_required" },
  408: { type: "retry", code: "timed_out" },
  410: { type: "blocked", code: "gone" },
  425: { type: "retry", code: "too_early" },
  429: { type: "retry", code: rateLimited },
};

function waitOf(response: Response, type: "retry" | "blocked", now: number): { waitMs?: number } {
  const waitMs = type === "retry" ? retryAfterMs(response.headers.get("retry-after"), now) : undefined;
  return waitMs === undefined ? {} : { waitMs };
}
