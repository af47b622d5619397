import * as z from "zod";
import { type Outcome, rateLimited } from "../../model/outcome.ts";
import { answered, outcomeOf } from "../shared/outcome-of.ts";
import { retryAfterMs } from "../shared/retry-after.ts";

/** Any outcome but "delivered". */
export type Trouble = Exclude<Outcome, { type: "delivered" }>;

/** Troubles this destination solves itself before it hands them on, by their reason's code. */
export const tabMissing = "tab_missing";
export const spreadsheetFull = "spreadsheet_full";
export const badRequest = "bad_request";
export const tooLarge = "too_large";
const protectedCode = "protected";

const errorBody = z.object({
  error: z.object({
    message: z.string().default(""),
    details: z.array(z.object({ reason: z.string().optional() })).optional(),
    errors: z.array(z.object({ reason: z.string().optional() })).optional(),
  }),
});

/**
 * What an answer other than 2xx means. Statuses per https://developers.google.com/workspace/sheets/api/troubleshoot-api-errors,
 * limits per https://developers.google.com/workspace/sheets/api/limits (read 2026-11).
 *
 * A 429 carries no Retry-After as a rule: Google asks for exponential backoff, which is what the lane does without a wait.
 */
export function troubleOf(response: Response, body: string, now: number): Trouble {
  const { status } = response;
  const { message, reasons } = read(body);
  if (status === 400) return troubleOf400(message);
  if (status === 403) return troubleOf403(message, reasons, response, now);
  if (status === 404)
    return blocked(404, "spreadsheet_not_found", ": there is no such spreadsheet; see the id in its address");
  if (status === 413) return { type: "rejected", reason: answered(413, tooLarge, ": the request is too large") };
  const usual = outcomeOf(response, now);
  // A 2xx never comes here.
  return usual.type === "delivered" ? { type: "rejected", reason: answered(status, "rejected") } : usual;
}

function troubleOf400(message: string): Trouble {
  if (/unable to parse range|no grid with id/i.test(message))
    return { type: "retry", reason: answered(400, tabMissing, ": the tab is not there") };
  if (/above the limit of \d+ cells/i.test(message))
    return blocked(
      400,
      spreadsheetFull,
      ": the spreadsheet holds all the cells Google allows (10 million); delete rows and empty columns, or use another spreadsheet",
    );
  if (/not supported for this document/i.test(message))
    return blocked(
      400,
      "not_a_sheet",
      ": the file is not a Google Sheet; save it as one (File → Save as Google Sheets)",
    );
  if (isProtected(message)) return protectedRange(400);
  return { type: "rejected", reason: answered(400, badRequest, ": the request was not understood") };
}

function troubleOf403(message: string, reasons: readonly string[], response: Response, now: number): Trouble {
  const says = (pattern: RegExp): boolean => reasons.some((reason) => pattern.test(reason)) || pattern.test(message);
  if (says(/rate_?limit_?exceeded|quota exceeded/i)) {
    const waitMs = retryAfterMs(response.headers.get("retry-after"), now);
    const reason = answered(403, rateLimited);
    return { type: "retry", reason, ...(waitMs === undefined ? {} : { waitMs }) };
  }
  if (says(/service_disabled|accessNotConfigured|has not been used in project/i))
    return blocked(403, "api_disabled", ": the Google Sheets API is not enabled in the service account's project");
  if (says(/scope/i)) return blocked(403, "missing_scope", ": the token lacks the scope for spreadsheets");
  if (isProtected(message)) return protectedRange(403);
  return blocked(403, "not_shared", ": the spreadsheet is not shared with the service account; share it as Editor");
}

function isProtected(message: string): boolean {
  return /protected (cell|range|sheet)|edit a protected/i.test(message);
}

function protectedRange(status: number): Trouble {
  return blocked(status, protectedCode, ": the tab is protected; let the service account edit it");
}

/** Nothing arrives for anyone until a person acts. */
export function blocked(status: number, code: string, detail: string): Trouble {
  return { type: "blocked", reason: answered(status, code, detail) };
}

/** The same, for deliveries whose rows were not sent: they cannot have arrived. */
export function notSent(trouble: Trouble): Trouble {
  return trouble.type === "uncertain" ? { type: "retry", reason: trouble.reason } : trouble;
}

/** True when a request failed because a person has just taken away the row, the column or the tab it was for. */
export function wasInTheWay({ reason }: Trouble): boolean {
  return reason.code === badRequest || reason.code === tabMissing;
}

/** After looking for a row several times. */
export const keepsMoving: Trouble = {
  type: "retry",
  reason: { code: "rows_moving", message: "the rows were being moved, or cannot be changed" },
};

/** A protected range stops what is to be done to one row, not what other leads wait for. */
export function forAPerson(trouble: Trouble): Trouble {
  return trouble.reason.code === protectedCode ? { type: "rejected", reason: trouble.reason } : trouble;
}

function read(body: string): { message: string; reasons: string[] } {
  try {
    const { message, details = [], errors = [] } = errorBody.parse(JSON.parse(body)).error;
    return { message, reasons: [...details, ...errors].flatMap(({ reason }) => reason ?? []) };
  } catch {
    return { message: "", reasons: [] };
  }
}
