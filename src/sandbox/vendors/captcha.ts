import * as z from "zod";
import type { VendorAnswer, VendorDefinition, VendorRequest } from "../vendor.ts";

/** Switches of a captcha provider. */
const captchaSettings = z.object({
  /** The one secret it knows. */
  secret: z.string().default("captcha-secret"),
  /** Of version 3 of reCAPTCHA; null: the answer has no score, as of version 2. */
  score: z.number().min(0).max(1).nullable().default(null),
});
type Settings = z.output<typeof captchaSettings>;

/** What the providers do differently, per their pages on server-side verification (read 2026-11). */
type Provider = {
  name: string;
  label: string;
  path: string;
  lifetimeMs: number;
  /** What a token is told that came too late, and one that came before. */
  expired: string;
  repeated: string;
  /** Whether a repeated question with the same `idempotency_key` gets the first answer again. */
  idempotent: boolean;
};

/**
 * Tokens it gives out: `pass-<anything>` passes once, `fail-<anything>` never does. Both are good for the provider's time from the
 * moment they were first heard of, or from `<millis>` in `pass-at-<millis>-…`.
 */
function captcha(provider: Provider): VendorDefinition<typeof captchaSettings> {
  const { name, label, path, lifetimeMs, idempotent } = provider;
  return {
    name,
    label,
    mount: `/${name}/`,
    path: `/${name}`,
    settings: captchaSettings,
    start({ settings, now }) {
      const answered = new Map<string, { key: string | null; body: object }>();
      return (request) => {
        if (request.path.split("?")[0] !== `/${name}${path}`) return reply(404, { success: false });
        if (request.method !== "POST") return reply(405, { success: false });
        const { secret, token, key } = read(request);
        const wrong = wrongInput({ secret, token }, settings);
        if (wrong !== null || token === null) return refusal(wrong ?? "missing-input-response");
        const before = answered.get(token);
        if (before && idempotent && key !== null && before.key === key) return reply(200, before.body);
        if (before) return refusal(provider.repeated);
        const body = verdict(token, { now: now(), lifetimeMs, expired: provider.expired, settings });
        answered.set(token, { key, body });
        return { ...reply(200, body), applied: true, recordIds: [token] };
      };
    },
  };
}

function verdict(
  token: string,
  { now, lifetimeMs, expired, settings }: { now: number; lifetimeMs: number; expired: string; settings: Settings },
): object {
  const madeAt = Number(/^pass-at-(\d+)-/.exec(token)?.[1] ?? now);
  if (now - madeAt > lifetimeMs) return failure(expired);
  if (!token.startsWith("pass-")) return failure("invalid-input-response");
  const score = settings.score === null ? {} : { score: settings.score, action: "submit" };
  return {
    success: true,
    challenge_ts: new Date(madeAt).toISOString(),
    hostname: "example.com",
    "error-codes": [],
    ...score,
  };
}

function read({ body }: VendorRequest): { secret: string | null; token: string | null; key: string | null } {
  const fields = new URLSearchParams(body);
  return { secret: fields.get("secret"), token: fields.get("response"), key: fields.get("idempotency_key") };
}

function wrongInput(
  { secret, token }: { secret: string | null; token: string | null },
  settings: Settings,
): string | null {
  if (!secret) return "missing-input-secret";
  if (secret !== settings.secret) return "invalid-input-secret";
  return token ? null : "missing-input-response";
}

function refusal(code: string): VendorAnswer {
  return reply(200, failure(code));
}

function failure(code: string): object {
  return { success: false, "error-codes": [code] };
}

function reply(status: number, body: object): VendorAnswer {
  return { status, headers: { "content-type": "application/json" }, body: JSON.stringify(body), applied: false };
}

/** https://developers.cloudflare.com/turnstile/get-started/server-side-validation/ */
export const turnstile = captcha({
  name: "turnstile",
  label: "Turnstile",
  path: "/turnstile/v0/siteverify",
  lifetimeMs: 300_000,
  expired: "timeout-or-duplicate",
  repeated: "timeout-or-duplicate",
  idempotent: true,
});

/** https://docs.hcaptcha.com/#siteverify-error-codes-table */
export const hcaptcha = captcha({
  name: "hcaptcha",
  label: "hCaptcha",
  path: "/siteverify",
  lifetimeMs: 120_000,
  expired: "expired-input-response",
  repeated: "already-seen-response",
  idempotent: false,
});

/** https://developers.google.com/recaptcha/docs/verify */
export const recaptcha = captcha({
  name: "recaptcha",
  label: "reCAPTCHA",
  path: "/recaptcha/api/siteverify",
  lifetimeMs: 120_000,
  expired: "timeout-or-duplicate",
  repeated: "timeout-or-duplicate",
  idempotent: false,
});
