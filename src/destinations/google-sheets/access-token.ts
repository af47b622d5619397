import * as z from "zod";
import type { Fetch } from "../../model/destination.ts";
import { NetworkError } from "../../model/network-error.ts";
import { answered, outcomeOf } from "../shared/outcome-of.ts";
import type { Options } from "./options.ts";
import type { Trouble } from "./trouble.ts";

/** A token and when it ends, epoch milliseconds. */
export type AccessToken = { value: string; expiresAt: number };

/** Whom the JWT is for: Google itself, also when it goes through a proxy. */
const audience = "https://oauth2.googleapis.com/token";
const scope = "https://www.googleapis.com/auth/spreadsheets";
const lifeSeconds = 3_600;
/** A token is replaced this long before it ends. */
const renewBeforeMs = 5 * 60_000;
/** A difference of clocks worth speaking of. */
const noticeableSkewMs = 60_000;

/** It becomes a header: what fits in none is no token. */
const granted = z.object({
  access_token: z.string().regex(/^[\x21-\x7e]+$/),
  expires_in: z.number().default(lifeSeconds),
});
const refused = z.object({ error: z.string().default(""), error_description: z.string().default("") });

/** True while the token can be used without asking for a new one. */
export function isFresh(token: AccessToken | null, now: number): token is AccessToken {
  return token !== null && now < token.expiresAt - renewBeforeMs;
}

/**
 * Trades a signed JWT for a token, per https://developers.google.com/identity/protocols/oauth2/service-account
 * (read 2026-11). Nothing of a lead is sent, so a lost answer is only a retry.
 */
export async function requestToken(
  { email, key, tokenUrl }: Options,
  { fetch, now }: { fetch: Fetch; now(): number },
): Promise<{ type: "token"; token: AccessToken } | { type: "trouble"; trouble: Trouble }> {
  const { SignJWT } = await import("jose");
  const issuedAt = Math.floor(now() / 1_000);
  const assertion = await new SignJWT({ scope })
    .setProtectedHeader({ alg: "RS256", typ: "JWT" })
    .setIssuer(email)
    .setAudience(audience)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + lifeSeconds)
    .sign(key);
  const body = new URLSearchParams({ grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer", assertion });
  let response: Response;
  try {
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    response = await fetch(tokenUrl, { method: "POST", headers, body: body.toString() });
  } catch (error) {
    if (!(error instanceof NetworkError) || error.code === "private_address") throw error;
    return { type: "trouble", trouble: { type: "retry", reason: { code: error.code, message: error.message } } };
  }
  const text = await response.text();
  if (!response.ok) return { type: "trouble", trouble: refusal(response, text, now()) };
  const parsed = granted.safeParse(jsonOf(text));
  if (!parsed.success) {
    const reason = answered(response.status, "unreadable", ": the token endpoint's answer is not readable");
    return { type: "trouble", trouble: { type: "retry", reason } };
  }
  const { access_token: value, expires_in } = parsed.data;
  return { type: "token", token: { value, expiresAt: now() + expires_in * 1_000 } };
}

function refusal(response: Response, text: string, now: number): Trouble {
  const { status } = response;
  const { error, error_description: description } = refused.safeParse(jsonOf(text)).data ?? {
    error: "",
    error_description: "",
  };
  const skewMs = skewOf(response, now);
  if (/reasonable timeframe|iat and exp/i.test(description) || (error === "invalid_grant" && skewMs !== 0))
    return blockedBy(status, "clock_skew", `: ${clockText(skewMs)}; set this machine's clock (NTP)`);
  if (/signature/i.test(description))
    return blockedBy(status, "wrong_key", ": the private key is not one of this service account; make a new key");
  if (/account not found|invalid_client/i.test(`${error} ${description}`) || error === "invalid_grant")
    return blockedBy(status, "unknown_account", ": there is no such service account, or it is disabled");
  const usual = outcomeOf(response, now);
  if (usual.type === "retry") return usual;
  return blockedBy(status, "no_token", ": Google gives no access token for this service account");
}

function blockedBy(status: number, code: string, detail: string): Trouble {
  return { type: "blocked", reason: answered(status, code, detail) };
}

/** How far Google's clock is ahead of ours, as far as its Date header tells; 0 when that is no more than a minute. */
function skewOf(response: Response, now: number): number {
  const skew = Date.parse(response.headers.get("date") ?? "") - now;
  return Math.abs(skew) > noticeableSkewMs ? skew : 0;
}

function clockText(skewMs: number): string {
  if (skewMs === 0) return "this machine's clock is wrong";
  const minutes = Math.round(Math.abs(skewMs) / 60_000);
  return `this machine's clock is ${minutes} min ${skewMs > 0 ? "behind" : "ahead of"} Google's`;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
