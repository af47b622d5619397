import * as z from "zod";
import { type Outcome, rateLimited } from "../../model/outcome.ts";
import { answered, outcomeOf } from "../shared/outcome-of.ts";
import { retryAfterMs } from "../shared/retry-after.ts";

const burstWindowMs = 2_000;
const edgeCoolDownMs = 5 * 60_000;
const hourMs = 3_600_000;

const errorBody = z.object({ error: z.string().nullish(), code: z.string().nullish() });

/**
 * The verdict on an answer that is not a success, departing from the default table where Pipedrive's documentation says so:
 * limits per https://pipedrive.readme.io/docs/core-api-concepts-rate-limiting, statuses per
 * https://pipedrive.readme.io/docs/core-api-concepts-http-status-codes (read 2026-11).
 */
export function verdict(response: Response, body: string, now: number): Outcome {
  const { status } = response;
  const parsed = parsedBody(body);
  if (status === 429)
    return { type: "retry", reason: answered(status, rateLimited), waitMs: limitWaitMs(response, now) };
  if (status === 403) return parsed ? forbidden(parsed.code ?? null) : coolDown(status);
  if (status === 404 && !parsed) {
    return {
      type: "blocked",
      reason: answered(status, "not_found", ": this is not Pipedrive's API; check the domain"),
    };
  }
  if (status === 402) {
    return { type: "blocked", reason: answered(status, "payment_required", ": the company's account is not open") };
  }
  if (status === 401) {
    return { type: "blocked", reason: answered(status, "unauthorized", ": the API token is not valid") };
  }
  return outcomeOf(response, now);
}

/**
 * Milliseconds to wait after a 429. A spent daily budget comes back at midnight of a server whose time zone is not told;
 * midnights fall on full hours, so the next full hour is when to ask again. A Retry-After of seconds means nothing then.
 */
export function limitWaitMs({ headers }: Response, now: number): number {
  if (headers.get("x-daily-ratelimit-token-remaining")?.trim() === "0") return hourMs - (now % hourMs);
  const asked = retryAfterMs(headers.get("retry-after"), now);
  const resetMs = Number(headers.get("x-ratelimit-reset") ?? Number.NaN) * 1_000;
  const isWait = resetMs >= 0 && Number.isFinite(resetMs);
  return Math.max(asked ?? 0, isWait ? resetMs : asked === undefined ? burstWindowMs : 0);
}

/** The edge answers with an HTML page when too many 429 went unheeded: the account is fine, the client is to be quiet. */
function coolDown(status: number): Outcome {
  const reason = answered(status, rateLimited, " by the edge: too many requests, cooling down");
  return { type: "retry", reason, waitMs: edgeCoolDownMs };
}

function forbidden(code: string | null): Outcome {
  const capped = code?.startsWith("feature_capping") ?? false;
  const detail = capped ? ": the plan's limit is reached" : ": the token's user may not do this";
  return { type: "blocked", reason: answered(403, capped ? "plan_limit" : "forbidden", detail) };
}

/** What only a person can do, and how. */
export function byHand(message: string): Outcome {
  return { type: "rejected", reason: { code: "by_hand", message } };
}

function parsedBody(body: string): z.infer<typeof errorBody> | null {
  try {
    return errorBody.safeParse(JSON.parse(body)).data ?? null;
  } catch {
    return null;
  }
}
