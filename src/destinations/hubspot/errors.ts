import * as z from "zod";
import { type Outcome, type Reason, rateLimited } from "../../model/outcome.ts";
import { answered, outcomeOf } from "../shared/outcome-of.ts";
import { retryAfterMs } from "../shared/retry-after.ts";
import type { Answer } from "./api.ts";

const secondMs = 1_000;
const tenSecondsMs = 10_000;
const minuteMs = 60_000;
const shortestDailyWaitMs = 5 * minuteMs;
const hourMs = 60 * minuteMs;

const loose = <T extends z.ZodType>(schema: T) => schema.optional().catch(undefined);
const names = loose(z.array(z.string()));

/** HubSpot's error, of which every part may be missing. */
const errorBody = z.object({
  message: loose(z.string()),
  category: loose(z.string()),
  policyName: loose(z.string()),
  errors: loose(
    z.array(
      z.object({
        message: loose(z.string()),
        code: loose(z.string()),
        context: loose(z.object({ propertyName: names, requiredGranularScopes: names })),
      }),
    ),
  ),
});
const embeddedErrors = z.array(z.object({ name: z.string(), error: loose(z.string()) }));

/** A property HubSpot did not take, and its word for why. */
export type PropertyError = { name: string; code: string };

/**
 * The verdict on an answer that is not a success, departing from the default table where HubSpot's documentation says so:
 * https://developers.hubspot.com/docs/api-reference/error-handling and
 * https://developers.hubspot.com/docs/developer-tooling/platform/usage-guidelines (read 2026-11).
 */
export function verdict({ response, status, body }: Answer, now: number): Outcome {
  const error = errorBody.safeParse(body).data;
  const waitMs = retryAfterMs(response.headers.get("retry-after"), now);
  switch (status) {
    case 403:
      return error ? forbidden(error) : coolDown(waitMs);
    case 423:
      return { type: "retry", reason: answered(status, "locked"), waitMs: Math.max(waitMs ?? 0, 2 * secondMs) };
    case 429:
      return {
        type: "retry",
        reason: answered(status, rateLimited),
        waitMs: Math.max(waitMs ?? 0, policyWaitMs(error, now)),
      };
    case 477: {
      const reason = answered(status, rateLimited, ": the account is being moved, which takes up to a day");
      return { type: "retry", reason, waitMs: waitMs ?? hourMs };
    }
    case 502:
    case 504:
      return { type: "retry", reason: answered(status, "server_error"), waitMs: Math.max(waitMs ?? 0, 5 * secondMs) };
    case 522:
    case 525:
    case 526:
      return { type: "retry", reason: answered(status, "server_error"), waitMs: Math.max(waitMs ?? 0, minuteMs) };
    default:
      return outcomeOf(response, now);
  }
}

/**
 * True for a no that will stay one for this request, though not for every other: it was refused, or the token may not make it.
 */
export function isForGood(outcome: Outcome): outcome is Outcome & { reason: Reason } {
  return outcome.type === "rejected" || (outcome.type === "blocked" && outcome.reason.status === 403);
}

/** HubSpot's own words for an error, which may hold personal data: to be read, never to be passed on. */
export function messageOf(body: unknown): string {
  return errorBody.safeParse(body).data?.message ?? "";
}

/** True when HubSpot has said no to this very request, and so has done nothing of it. */
export function isRefusal({ status }: Answer): boolean {
  return status === 400 || status === 404 || status === 409 || status === 413 || status === 414 || status === 422;
}

/** A success of a write that does not say what was done: it may have been. */
export function unreadable({ status }: Answer): Outcome {
  return { type: "uncertain", reason: answered(status, "unreadable", " with a body that confirms nothing") };
}

/** The end of a look that shows nothing: never "not there". */
export function failedLook(answer: Answer, now: number): Outcome {
  if (!answer.ok) return verdict(answer, now);
  return { type: "retry", reason: answered(answer.status, "unreadable", " with a body that shows nothing") };
}

/**
 * The properties an error names: in `errors`, or in older answers as JSON inside the message, per
 * https://developers.hubspot.com/docs/api-reference/latest/crm/understanding-the-crm (read 2026-11).
 */
export function propertyErrors(body: unknown): PropertyError[] {
  const error = errorBody.safeParse(body).data;
  const listed = (error?.errors ?? []).flatMap(({ code, context }) =>
    (context?.propertyName ?? []).map((name) => ({ name, code: code ?? "" })),
  );
  if (listed.length > 0 || !error?.message) return listed;
  const inMessage = embeddedErrors.safeParse(embeddedJson(error.message)).data;
  if (inMessage) return inMessage.map((one) => ({ name: one.name, code: one.error ?? "" }));
  const [, taken] = /PropertyValueCoordinates\{[^{}]*\bpropertyName=([\w]+)/.exec(error.message) ?? [];
  return taken === undefined ? [] : [{ name: taken, code: "DUPLICATE_VALUE" }];
}

/**
 * The contact that has the value already, from either way HubSpot says so: `409 … Existing ID: 6001`, or `400 … Cannot set
 * PropertyValueCoordinates{…} on 5521. 5522 already has that value.` where the second id is the one. Null when it is not said.
 */
export function existingId({ status, body }: Answer): string | null {
  if (status !== 409 && status !== 400) return null;
  const message = messageOf(body);
  const found = /Existing ID:\s*(\d+)/i.exec(message) ?? /(?<!\d)(\d+)\s+already has that value/i.exec(message);
  return found?.[1] ?? null;
}

function forbidden({ category, errors }: z.infer<typeof errorBody>): Outcome {
  const scopes = [...new Set((errors ?? []).flatMap(({ context }) => context?.requiredGranularScopes ?? []))];
  if (category === "MISSING_SCOPES" || scopes.length > 0) {
    const named = scopes.length > 0 ? ` ${scopes.join(", ")}` : "";
    return { type: "blocked", reason: answered(403, "missing_scope", `: the token lacks the scope${named}`) };
  }
  return { type: "blocked", reason: answered(403, "forbidden", ": the account or its plan does not allow this") };
}

/** A page instead of JSON comes from the edge, which shuts out addresses that went on after 429 for a minute. */
function coolDown(waitMs: number | undefined): Outcome {
  const reason = answered(403, rateLimited, " by the edge: too many requests, cooling down");
  return { type: "retry", reason, waitMs: Math.max(waitMs ?? 0, minuteMs) };
}

/**
 * Milliseconds until the limit that was hit lets calls through. The daily one ends at midnight of the account's time zone,
 * which is not told; midnights fall on full hours in most zones, so the next full hour is when to ask again.
 */
function policyWaitMs(error: z.infer<typeof errorBody> | undefined, now: number): number {
  const said = `${error?.policyName ?? ""} ${error?.message ?? ""}`;
  if (/daily/i.test(said)) return Math.max(shortestDailyWaitMs, hourMs - (now % hourMs));
  return /ten_secondly/i.test(said) || !/secondly/i.test(said) ? tenSecondsMs : secondMs;
}

function embeddedJson(message: string): unknown {
  const from = message.indexOf("[{");
  const to = message.lastIndexOf("}]");
  if (from < 0 || to < from) return undefined;
  try {
    return JSON.parse(message.slice(from, to + 2));
  } catch {
    return undefined;
  }
}
