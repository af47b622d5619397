import { createPublicKey, generateKeyPairSync, randomUUID, verify } from "node:crypto";
import * as z from "zod";
import type { VendorAnswer, VendorRequest } from "../../vendor.ts";

/** A service account of the sandbox's own: what goes into a gateway's configuration. */
export type ServiceAccount = { email: string; privateKey: string };

const grantType = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const audience = "https://oauth2.googleapis.com/token";
const scope = "https://www.googleapis.com/auth/spreadsheets";
/** How far a JWT's times may be off. */
const toleranceSeconds = 300;

let made: ServiceAccount | null = null;

/** The account, made when first asked for, since making a key takes a moment. One for the whole process. */
export function serviceAccount(): ServiceAccount {
  made ??= {
    email: "leadkeep@sandbox-project.iam.gserviceaccount.com",
    privateKey: generateKeyPairSync("rsa", {
      modulusLength: 2048,
      publicKeyEncoding: { type: "spki", format: "pem" },
      privateKeyEncoding: { type: "pkcs8", format: "pem" },
    }).privateKey,
  };
  return made;
}

const claims = z.object({ iss: z.string(), scope: z.string(), aud: z.string(), iat: z.number(), exp: z.number() });

/** The tokens given so far. */
export type TokenDesk = {
  grant(request: VendorRequest): VendorAnswer;
  /** True while a request's token holds. */
  accepts(request: VendorRequest): boolean;
  /** Forgets all tokens, as when a key is revoked. */
  revoke(): void;
};

export type TokenDeskOptions = { now(): number; lifeSeconds(): number; accountExists(): boolean };

/**
 * The token endpoint: checks a signed JWT by the account's public key, per
 * https://developers.google.com/identity/protocols/oauth2/service-account (read 2026-11).
 */
export function openTokenDesk({ now, lifeSeconds, accountExists }: TokenDeskOptions): TokenDesk {
  const ends = new Map<string, number>();

  function grant({ method, body }: VendorRequest): VendorAnswer {
    if (method !== "POST") return refusal("invalid_request", "Use POST.");
    const form = new URLSearchParams(body);
    if (form.get("grant_type") !== grantType)
      return refusal("unsupported_grant_type", `Invalid grant_type: ${form.get("grant_type")}`);
    const problem = problemWith(form.get("assertion") ?? "");
    if (problem) return refusal("invalid_grant", problem);
    const token = `ya29.${randomUUID()}`;
    ends.set(token, now() + lifeSeconds() * 1_000);
    const answer = { access_token: token, expires_in: lifeSeconds(), token_type: "Bearer" };
    return { ...reply(200, answer), applied: true, recordIds: [] };
  }

  function problemWith(assertion: string): string | null {
    const [header = "", payload = "", signature = ""] = assertion.split(".");
    const { email, privateKey } = serviceAccount();
    const parsed = claims.safeParse(jsonOf(payload));
    if (!parsed.success) return "Invalid JWT: Failed to parse the JWT.";
    const { iss, aud, iat, exp, scope: asked } = parsed.data;
    if (iss !== email || !accountExists()) return "Invalid grant: account not found";
    if (
      !verify(
        "sha256",
        Buffer.from(`${header}.${payload}`),
        createPublicKey(privateKey),
        Buffer.from(signature, "base64url"),
      )
    )
      return "Invalid JWT Signature.";
    const seconds = now() / 1_000;
    if (
      exp <= seconds ||
      iat > seconds + toleranceSeconds ||
      exp - iat > 3_600 ||
      exp - seconds > 3_600 + toleranceSeconds
    )
      return "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim.";
    if (aud !== audience) return "Invalid JWT: audience is not valid.";
    return asked.split(" ").includes(scope) ? null : "Invalid OAuth scope or ID token audience provided.";
  }

  return {
    grant,
    accepts: ({ headers }) => (ends.get(headers.authorization?.replace(/^Bearer /, "") ?? "") ?? 0) > now(),
    revoke: () => ends.clear(),
  };
}

function refusal(error: string, description: string): VendorAnswer {
  return { ...reply(400, { error, error_description: description }), applied: false };
}

function reply(status: number, body: object): Omit<VendorAnswer, "applied"> {
  return { status, headers: { "content-type": "application/json; charset=UTF-8" }, body: JSON.stringify(body) };
}

function jsonOf(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
  } catch {
    return undefined;
  }
}
