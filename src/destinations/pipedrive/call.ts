import * as z from "zod";
import type { Fetch } from "../../model/destination.ts";
import type { Json } from "../../model/json.ts";
import { NetworkError } from "../../model/network-error.ts";
import type { Outcome } from "../../model/outcome.ts";
import { answered } from "../shared/outcome-of.ts";
import type { Account } from "./account.ts";
import { verdict } from "./errors.ts";
import { apiUrl, type Options } from "./options.ts";

/** A page of a hundred records with all their fields is far below this. */
const longestBody = 4 * 1024 * 1024;

/** What a call needs: where to, and by what means. */
export type Api = {
  options: Options;
  account: Account;
  fetch: Fetch;
  signal: AbortSignal;
  now(): number;
  correctPace?(remaining: number): void;
};

/** A success: its data, and the rest of the answer that a few callers want. `hasMore`: version 1's list goes on after it. */
export type Answer<T> = { data: T; status: number; cursor: string | null; hasMore: boolean; headers: Headers };

/** The end of an attempt. `refused`: Pipedrive has certainly done nothing; `body` is its own words, never to be shown. */
export type Stop = { stop: Outcome; status: number | null; refused: boolean; body: string };

/** Tells the end of an attempt from anything else. */
export function isStop(value: unknown): value is Stop {
  return typeof value === "object" && value !== null && "stop" in value;
}

/** An end for a reason of our own. */
export function stopped(stop: Outcome): Stop {
  return { stop, status: null, refused: true, body: "" };
}

/** Headers of every call. The token goes nowhere else, per https://pipedrive.readme.io/docs/core-api-concepts-authentication (read 2026-11). */
export function headersOf({ apiToken }: Options, body = false): Record<string, string> {
  return {
    "x-api-token": apiToken,
    accept: "application/json",
    "user-agent": "Leadkeep",
    ...(body ? { "content-type": "application/json" } : {}),
  };
}

/** The address of a path such as `v2/persons`. */
export function addressOf(options: Options, path: string, query: Record<string, string | number> = {}): string {
  const search = new URLSearchParams(
    Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]),
  ).toString();
  return `${apiUrl(options)}/${path}${search ? `?${search}` : ""}`;
}

/** Looks. A look that got no answer changed nothing, so it can simply be repeated. */
export async function read<T>(
  api: Api,
  path: string,
  query: Record<string, string | number>,
  schema: z.ZodType<T>,
): Promise<Answer<T> | Stop> {
  try {
    const url = addressOf(api.options, path, query);
    const response = await api.fetch(url, { method: "GET", headers: headersOf(api.options), longestBody });
    return await answerOf(api, response, schema, "retry");
  } catch (error) {
    if (!(error instanceof NetworkError) || !error.sent) throw error;
    return stopped({ type: "retry", reason: { code: error.code, message: error.message } });
  }
}

/** Searches: as `read`, in its own tighter pace. */
export async function search<T>(
  api: Api,
  path: string,
  query: Record<string, string | number>,
  schema: z.ZodType<T>,
): Promise<Answer<T> | Stop> {
  await api.account.turn("search", api.options.searchPace, api);
  return read(api, path, query, schema);
}

/** Writes. Rejects with the network's error when no answer came: then it may have been done. */
export async function write<T>(
  api: Api,
  method: "POST" | "PATCH",
  path: string,
  body: Record<string, Json>,
  schema: z.ZodType<T>,
): Promise<Answer<T> | Stop> {
  const init = { method, headers: headersOf(api.options, true), body: JSON.stringify(body) };
  return answerOf(api, await api.fetch(addressOf(api.options, path), init), schema, "uncertain");
}

/** Deletes; null: it is not there, or not any more. Rejects with the network's error when no answer came. */
export async function remove(api: Api, path: string): Promise<Stop | null> {
  const init = { method: "DELETE", headers: headersOf(api.options) };
  const answer = await answerOf(api, await api.fetch(addressOf(api.options, path), init), z.unknown(), "uncertain");
  return isStop(answer) && !isGone(answer) ? answer : null;
}

/** True when it is not there, or not any more. A 404 that is not the API's own says nothing. */
export function isGone({ status, stop }: Stop): boolean {
  return status === 410 || (status === 404 && stop.type === "rejected");
}

/** True when Pipedrive will not do this one thing, for whatever reason, and trying again would not help. */
export function isRefusal({ stop }: Stop): boolean {
  return stop.type === "rejected" || (stop.type === "blocked" && stop.reason.code === "forbidden");
}

async function answerOf<T>(
  api: Api,
  response: Response,
  schema: z.ZodType<T>,
  unreadable: "retry" | "uncertain",
): Promise<Answer<T> | Stop> {
  const { status, headers } = response;
  const remaining = Number.parseInt(headers.get("x-ratelimit-remaining") ?? "", 10);
  if (remaining >= 0) api.correctPace?.(remaining);
  const body = await response.text();
  if (status < 200 || status > 299) {
    const refused = status < 500 && status !== 408;
    return { stop: verdict(response, body, api.now()), status, refused, body };
  }
  const parsed = envelope(schema).safeParse(jsonOf(body));
  if (parsed.success) {
    const { data, additional_data } = parsed.data;
    const { next_cursor = null, pagination } = additional_data ?? {};
    return { data, status, cursor: next_cursor, hasMore: pagination?.more_items_in_collection ?? false, headers };
  }
  // A success that is not said to be one, or without what it is to carry, is not one.
  const reason = answered(status, "unreadable", " with a body that confirms nothing");
  return { stop: { type: unreadable, reason }, status, refused: false, body };
}

function envelope<T>(data: z.ZodType<T>) {
  const pagination = z.object({ more_items_in_collection: z.boolean().nullish() }).nullish().catch(null);
  const additional_data = z.object({ next_cursor: z.string().nullish(), pagination }).nullish().catch(null);
  return z.object({ success: z.literal(true), data, additional_data });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
