import * as z from "zod";
import type { VendorAnswer, VendorDefinition, VendorRequest } from "../../vendor.ts";
import { rateLimit } from "../rate-limit.ts";
import { parseRange, rangeText } from "./a1.ts";
import { openTokenDesk } from "./account.ts";
import { append } from "./append.ts";
import { batchUpdate, propertiesOf } from "./batch-update.ts";
import { type Hands, handsOn } from "./hands.ts";
import { newWorkbook, Refused, valuesIn, type Workbook } from "./workbook.ts";

/** Google Sheets' switches. */
const sheetsSettings = z.object({
  /** The one spreadsheet there is; any other id is answered 404. */
  spreadsheetId: z.string().min(1).default("1sandboxSpreadsheetOfLeadkeep"),
  /** Shared with the service account as Editor. */
  shared: z.boolean().default(true),
  /** The Sheets API is enabled in the service account's project. */
  apiEnabled: z.boolean().default(true),
  /** The service account is there. */
  accountExists: z.boolean().default(true),
  /** How long a token lasts. */
  tokenSeconds: z.number().int().positive().default(3_600),
  /** Google's clock is ahead of this machine's by so much. */
  skewMs: z.number().int().default(0),
  /** Enforce the quotas: reads and writes per minute for one user. */
  limits: z.boolean().default(true),
  readsPerMinute: z.number().int().positive().default(60),
  writesPerMinute: z.number().int().positive().default(60),
  /** Most cells of a spreadsheet, per https://support.google.com/drive/answer/37603 (read 2026-11). */
  mostCells: z.number().int().positive().default(10_000_000),
  /** Whether `deleteDuplicates` leaves empty rows at the end of its range or takes the rows out. Not documented, so choose. */
  duplicatesLeaveRows: z.boolean().default(true),
  /** A row that holds this text is refused, and with it the whole request. */
  poison: z.string().min(1).nullable().default(null),
});
type SheetsSettings = z.output<typeof sheetsSettings>;

const mount = "/sheets/";
const base = "/sheets";
const tokenPath = "/sheets/token";

/** A Google spreadsheet, the token endpoint before it, and a person in front of it. Per https://developers.google.com/workspace/sheets/api/reference/rest (read 2026-11). */
export const sheets: VendorDefinition<typeof sheetsSettings, Hands & { revokeTokens(): void }> = {
  name: "sheets",
  label: "Google Sheets",
  mount,
  path: base,
  settings: sheetsSettings,
  start({ settings, now }) {
    const book = newWorkbook(() => settings.mostCells);
    const time = () => now() + settings.skewMs;
    const desk = openTokenDesk({
      now: time,
      lifeSeconds: () => settings.tokenSeconds,
      accountExists: () => settings.accountExists,
    });
    const quotas = {
      Read: rateLimit(settings.readsPerMinute, 60_000, now),
      Write: rateLimit(settings.writesPerMinute, 60_000, now),
    };
    const answer = (request: VendorRequest): VendorAnswer => {
      const path = request.path.split("?")[0] ?? "";
      if (path === tokenPath) return desk.grant(request);
      if (!desk.accepts(request))
        return failure(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.");
      const kind = request.method === "GET" ? "Read" : "Write";
      if (settings.limits && !quotas[kind]()) return quotaExceeded(kind, settings);
      if (!settings.apiEnabled) return apiDisabled();
      const [, id, rest = ""] = /^\/sheets\/v4\/spreadsheets\/([^/:]+)(.*)$/.exec(path) ?? [];
      if (id === undefined) return failure(404, "NOT_FOUND", "Not found.");
      if (id !== settings.spreadsheetId) return failure(404, "NOT_FOUND", "Requested entity was not found.");
      if (!settings.shared) return failure(403, "PERMISSION_DENIED", "The caller does not have permission");
      try {
        return call(book, settings, request, rest);
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        return failure(400, "INVALID_ARGUMENT", error.message);
      }
    };
    return {
      answer: (request) => dated(answer(request), time()),
      tables: () => tablesOf(book),
      own: { ...handsOn(book), revokeTokens: desk.revoke },
    };
  },
};

function call(book: Workbook, settings: SheetsSettings, request: VendorRequest, rest: string): VendorAnswer {
  const { method, query, json } = request;
  const spreadsheetId = settings.spreadsheetId;
  if (method === "GET" && rest === "")
    return read({ spreadsheetId, sheets: book.tabs.map((tab) => ({ properties: propertiesOf(tab) })) });
  if (method === "POST" && rest === ":batchUpdate") {
    const done = book.atomically(() => batchUpdate(book, json, settings));
    return written({ spreadsheetId, ...done }, []);
  }
  if (method === "GET" && rest === "/values:batchGet") {
    const valueRanges = query.getAll("ranges").map((range) => valueRange(book, range, query));
    return read({ spreadsheetId, valueRanges });
  }
  const [, encoded, appends] = /^\/values\/([^/]+?)(:append)?$/.exec(rest) ?? [];
  if (encoded === undefined) return failure(404, "NOT_FOUND", "Not found.");
  const range = decodeURIComponent(encoded);
  if (method === "GET") return read(valueRange(book, range, query));
  if (method !== "POST" || !appends) return failure(404, "NOT_FOUND", "Not found.");
  const { values } = bodyOf(json);
  const { poison } = settings;
  if (poison !== null && JSON.stringify(values).includes(poison)) throw new Refused("Invalid values[0][0]: poison");
  const done = book.atomically(() => {
    const { tab, area } = parseRange(range, book);
    return append(tab, area, values, appendOptions(query));
  });
  return written(
    { spreadsheetId, ...done },
    values.flatMap((row) => row.filter(isLeadId)),
  );
}

function valueRange(book: Workbook, range: string, query: URLSearchParams): object {
  const { tab, area } = parseRange(range, book);
  const rows = valuesIn(tab, area);
  const majorDimension = query.get("majorDimension") === "COLUMNS" ? "COLUMNS" : "ROWS";
  const values = majorDimension === "COLUMNS" ? columnsOf(rows) : rows;
  return { range: rangeText(tab, area), majorDimension, ...(values.length > 0 && { values }) };
}

function appendOptions(query: URLSearchParams) {
  const option = query.get("valueInputOption");
  if (option !== "RAW" && option !== "USER_ENTERED")
    throw new Refused("'valueInputOption' is required but not specified");
  return { userEntered: option === "USER_ENTERED", insertRows: query.get("insertDataOption") === "INSERT_ROWS" };
}

function bodyOf(json: unknown): { values: unknown[][] } {
  const parsed = z.object({ values: z.array(z.array(z.unknown())).min(1) }).safeParse(json);
  if (!parsed.success) throw new Refused("Invalid JSON payload received.");
  return parsed.data;
}

function columnsOf(rows: readonly string[][]): string[][] {
  const width = Math.max(0, ...rows.map((row) => row.length));
  return Array.from({ length: width }, (_, column) => rows.map((row) => row[column] ?? ""));
}

function isLeadId(value: unknown): value is string {
  return typeof value === "string" && value.startsWith("lead_");
}

/** The tabs with something in them, for the sandbox page: the header and the newest rows. */
function tablesOf(book: Workbook) {
  const hands = handsOn(book);
  return hands
    .tabs()
    .map((title) => ({ title, rows: hands.rows(title) }))
    .filter(({ rows }) => rows.length > 0);
}

function read(body: object): VendorAnswer {
  return { ...reply(200, body), applied: false };
}

function written(body: object, recordIds: readonly string[]): VendorAnswer {
  return { ...reply(200, body), applied: true, recordIds };
}

function failure(code: number, status: string, message: string, details?: object[]): VendorAnswer {
  return { ...reply(code, { error: { code, message, status, ...(details && { details }) } }), applied: false };
}

function quotaExceeded(kind: "Read" | "Write", { readsPerMinute, writesPerMinute }: SheetsSettings): VendorAnswer {
  const metric = `${kind} requests`;
  const limit = `${kind} requests per minute per user`;
  const consumer = "project_number:000000000000";
  const message = `Quota exceeded for quota metric '${metric}' and limit '${limit}' of service 'sheets.googleapis.com' for consumer '${consumer}'.`;
  return failure(429, "RESOURCE_EXHAUSTED", message, [
    {
      "@type": "type.googleapis.com/google.rpc.ErrorInfo",
      reason: "RATE_LIMIT_EXCEEDED",
      domain: "googleapis.com",
      metadata: {
        quota_limit: `${kind}RequestsPerMinutePerUser`,
        quota_limit_value: String(kind === "Read" ? readsPerMinute : writesPerMinute),
        quota_metric: `sheets.googleapis.com/${kind.toLowerCase()}_requests`,
        quota_location: "global",
        quota_unit: "1/min/{project}/{user}",
        consumer: "projects/000000000000",
        service: "sheets.googleapis.com",
      },
    },
    {
      "@type": "type.googleapis.com/google.rpc.Help",
      links: [{ description: "Request a higher quota limit.", url: "https://cloud.google.com/docs/quotas" }],
    },
  ]);
}

function apiDisabled(): VendorAnswer {
  const message =
    "Google Sheets API has not been used in project 000000000000 before or it is disabled. Enable it, then retry.";
  return failure(403, "PERMISSION_DENIED", message, [
    {
      "@type": "type.googleapis.com/google.rpc.ErrorInfo",
      reason: "SERVICE_DISABLED",
      domain: "googleapis.com",
      metadata: { service: "sheets.googleapis.com", consumer: "projects/000000000000" },
    },
  ]);
}

function reply(status: number, body: object): Omit<VendorAnswer, "applied"> {
  return { status, headers: { "content-type": "application/json; charset=UTF-8" }, body: JSON.stringify(body) };
}

function dated(answer: VendorAnswer, time: number): VendorAnswer {
  return { ...answer, headers: { ...answer.headers, date: new Date(time).toUTCString() } };
}
