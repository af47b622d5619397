import type * as z from "zod";
import type { Fetch } from "../../model/destination.ts";
import { NetworkError } from "../../model/network-error.ts";
import { answered } from "../shared/outcome-of.ts";
import { type AccessToken, isFresh, requestToken } from "./access-token.ts";
import type { Options } from "./options.ts";
import { type Trouble, troubleOf } from "./trouble.ts";

/** A batch is answered with about a hundred bytes for each of its requests. */
const longestWriteAnswer = 1024 * 1024;

export type Answer<T> = { ok: true; value: T } | { ok: false; trouble: Trouble };

/** How the network is reached: what deliveries, checks and status updates have in common. */
export type Reach = { fetch: Fetch; now(): number };

type Query = Record<string, string> | URLSearchParams;

export type Api = {
  now(): number;
  /** `path` follows the spreadsheet's id. A lost answer is a retry. */
  read<T>(path: string, query: Query, answer: z.ZodType<T>, longestBody?: number): Promise<Answer<T>>;
  /** A lost answer is uncertain, and so is a 5xx: Google may have carried the request out. */
  write<T>(path: string, query: Query, body: object, answer: z.ZodType<T>): Promise<Answer<T>>;
};

/** The requests of one spreadsheet, with a token that is kept in `keep` and renewed before it ends. */
export function createApi(options: Options, { fetch, now }: Reach, keep: { token: AccessToken | null }): Api {
  async function call<T>(
    path: string,
    query: Query,
    answer: z.ZodType<T>,
    { body, longestBody }: { body?: object; longestBody?: number },
  ): Promise<Answer<T>> {
    const lost = body === undefined ? "retry" : "uncertain";
    const search = new URLSearchParams(query);
    search.set("prettyPrint", "false");
    const url = `${spreadsheetUrl(options)}${path}?${search}`;
    for (let renewed = false; ; renewed = true) {
      if (!isFresh(keep.token, now())) {
        const asked = await requestToken(options, { fetch, now });
        if (asked.type === "trouble") return { ok: false, trouble: asked.trouble };
        keep.token = asked.token;
      }
      const headers = { authorization: `Bearer ${keep.token.value}`, "content-type": "application/json" };
      let response: Response;
      try {
        response = await fetch(url, {
          method: body === undefined ? "GET" : "POST",
          headers,
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
          ...(longestBody === undefined ? {} : { longestBody }),
        });
      } catch (error) {
        if (!(error instanceof NetworkError) || error.code === "private_address") throw error;
        const reason = { code: error.code, message: error.message };
        return { ok: false, trouble: { type: error.sent ? lost : "retry", reason } };
      }
      // A token can be revoked before its time: a new one is asked for once.
      if (response.status === 401 && !renewed) {
        keep.token = null;
        continue;
      }
      return read(response, answer, lost, now());
    }
  }

  return {
    now,
    read: (path, query, answer, longestBody) =>
      call(path, query, answer, longestBody === undefined ? {} : { longestBody }),
    write: (path, query, body, answer) => call(path, query, answer, { body, longestBody: longestWriteAnswer }),
  };
}

/** The address of the configured spreadsheet. */
export function spreadsheetUrl({ baseUrl, spreadsheet }: Options): string {
  return `${baseUrl}/v4/spreadsheets/${encodeURIComponent(spreadsheet)}`;
}

async function read<T>(
  response: Response,
  answer: z.ZodType<T>,
  lost: "retry" | "uncertain",
  now: number,
): Promise<Answer<T>> {
  const text = await response.text();
  if (!response.ok) {
    const trouble = troubleOf(response, text, now);
    return { ok: false, trouble: response.status >= 500 ? { type: lost, reason: trouble.reason } : trouble };
  }
  try {
    const parsed = answer.safeParse(JSON.parse(text));
    if (parsed.success) return { ok: true, value: parsed.data };
  } catch {
    // Not JSON: said below.
  }
  const reason = answered(response.status, "unreadable", ": the answer is not readable");
  return { ok: false, trouble: { type: lost, reason } };
}
