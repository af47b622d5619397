import type { DeliveryContext, Fetch } from "../../model/destination.ts";
import { NetworkError, outcomeOfNetworkError } from "../../model/network-error.ts";
import type { Outcome } from "../../model/outcome.ts";
import type { Options } from "./options.ts";

/** One version for every path, per https://developers.hubspot.com/docs/developer-tooling/platform/versioning (read 2026-11). */
export const apiVersion = "2026-09";

/** A batch of a hundred records is answered with all their properties. */
const longestBatchBody = 8 * 1024 * 1024;

/** An answer with its body: what it says, undefined when that is not JSON. */
export type Answer = { response: Response; status: number; ok: boolean; body: unknown };

/** HubSpot as the steps of a delivery speak to it. */
export type Api = {
  /** The status answered last; null before there was one. */
  status(): number | null;
  /** Asks for something and changes nothing: a look whose answer is lost can simply be repeated. */
  look(method: "GET" | "POST", path: string, body?: object): Promise<Answer>;
  /** Changes something; `path` may be a whole address. Rejects with the network's error when no answer came: then it may have been done. */
  write(method: "POST" | "PATCH" | "DELETE", path: string, body?: object): Promise<Answer>;
};

/** Speaks to HubSpot for one delivery, a check or a set-up. The token goes into the header and nowhere else. */
export function createApi(
  options: Pick<Options, "accessToken" | "baseUrl">,
  context: { fetch: Fetch; correctPace?: DeliveryContext["correctPace"] },
): Api {
  let status: number | null = null;

  async function call(method: string, path: string, body?: object): Promise<Answer> {
    const response = await context.fetch(path.startsWith("/") ? options.baseUrl + path : path, {
      method,
      headers: headersOf(options, body !== undefined),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      longestBody: longestBatchBody,
    });
    status = response.status;
    correct(response, context.correctPace);
    return { response, status: response.status, ok: response.ok, body: jsonOf(await response.text()) };
  }

  return {
    status: () => status,
    write: call,
    async look(method, path, body) {
      try {
        return await call(method, path, body);
      } catch (error) {
        if (!(error instanceof NetworkError) || !error.sent) throw error;
        throw new NetworkError(error.code, error.message, false, { cause: error });
      }
    },
  };
}

/** What came of calls, or the network's verdict when one got no answer. */
export async function orNetworkOutcome(act: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof NetworkError) return outcomeOfNetworkError(error);
    throw error;
  }
}

/** Headers of every call. */
export function headersOf({ accessToken }: Pick<Options, "accessToken">, hasBody: boolean): Record<string, string> {
  return {
    authorization: `Bearer ${accessToken}`,
    accept: "application/json",
    "user-agent": "Leadkeep",
    ...(hasBody ? { "content-type": "application/json" } : {}),
  };
}

/** The path of an object type's records, with whatever follows. Parts that hold values are encoded by `part`. */
export function recordsPath(objectType: string, rest = ""): string {
  return `/crm/objects/${apiVersion}/${objectType}${rest}`;
}

/** A value as one part of a path: an address with `#`, `/`, `+` or `%` stays one part. */
export function part(value: string): string {
  return encodeURIComponent(value);
}

/** Search answers carry no such headers, per https://developers.hubspot.com/docs/developer-tooling/platform/usage-guidelines (read 2026-11). */
function correct({ headers }: Response, correctPace?: (remaining: number) => void): void {
  const remaining = Number.parseInt(headers.get("x-hubspot-ratelimit-remaining") ?? "", 10);
  if (remaining >= 0) correctPace?.(remaining);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
