import { type ClientResponse, hc } from "hono/client";
import type { Api } from "../../server/api/api.ts";
import { Problem, type ProblemBody } from "./problem.ts";

/** The JSON API, typed by the server's own routes: `answer(api.leads.$get({ query: {} }))`. */
export const api = hc<Api>("/api/v1", { fetch: fetchOrThrow });

/** What the API answered. @throws {Problem} when it refused or could not be reached */
export async function answer<Body>(response: Promise<ClientResponse<Body, number, string>>): Promise<Body> {
  const given = await response;
  return (given.status === 204 ? undefined : await given.json()) as Body;
}

/** The part of a request that lets it be given up: `api.forms.$get({}, until(signal))`. */
export function until(signal: AbortSignal): { init: RequestInit } {
  return { init: { signal } };
}

async function fetchOrThrow(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const response = await fetch(input, init).catch((error: unknown) => {
    if (init?.signal?.aborted) throw error;
    throw new Problem(0, { code: "unreachable" });
  });
  if (!response.ok) throw await problemIn(response);
  return response;
}

async function problemIn(response: Response): Promise<Problem> {
  const body = (await response.json().catch(() => ({}))) as ProblemBody;
  const retryAfter = Number(response.headers.get("retry-after") ?? "");
  return new Problem(response.status, body, retryAfter > 0 ? retryAfter : null);
}
