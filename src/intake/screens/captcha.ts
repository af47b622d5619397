import type { CaptchaSettings } from "../../model/form.ts";
import type { ScreeningReason } from "../../model/lead.ts";

/** A captcha whose provider has to be asked. */
export type RemoteCaptcha = Exclude<CaptchaSettings, { type: "altcha" }>;

/** What a provider says of a token. `unknown`: it could not be asked, or did not answer; `reason` when that is for good. */
export type CaptchaVerdict =
  | { type: "passed" }
  | { type: "failed"; reason: ScreeningReason }
  | { type: "unknown"; cause: "down" | "misconfigured" };

type Provider = {
  label: string;
  /** Where tokens are verified unless configured otherwise. */
  url: string;
  /** The form field its widget writes the token into; the others it writes beside it. */
  field: string;
  alsoWrites: readonly string[];
  /** A token is good for so long. */
  lifetimeMs: number;
};

/** Facts of the providers, each per its page on server-side verification (read 2026-11). */
export const providers: Record<RemoteCaptcha["type"], Provider> = {
  /** https://developers.cloudflare.com/turnstile/get-started/server-side-validation/ */
  turnstile: {
    label: "Turnstile",
    url: "https://challenges.cloudflare.com/turnstile/v0/siteverify",
    field: "cf-turnstile-response",
    alsoWrites: [],
    lifetimeMs: 300_000,
  },
  /** https://docs.hcaptcha.com/#verify-the-user-response-server-side */
  hcaptcha: {
    label: "hCaptcha",
    url: "https://api.hcaptcha.com/siteverify",
    field: "h-captcha-response",
    alsoWrites: ["g-recaptcha-response"],
    lifetimeMs: 120_000,
  },
  /** https://developers.google.com/recaptcha/docs/verify */
  recaptcha: {
    label: "reCAPTCHA",
    url: "https://www.google.com/recaptcha/api/siteverify",
    field: "g-recaptcha-response",
    alsoWrites: [],
    lifetimeMs: 120_000,
  },
};

export const captchaMissing: ScreeningReason = {
  code: "captcha_missing",
  points: 10,
  message: "the form came without its captcha",
};
export const captchaUnavailable: ScreeningReason = {
  code: "captcha_unavailable",
  points: 10,
  message: "the captcha could not be checked in time",
};
const failed: ScreeningReason = { code: "captcha_failed", points: 15, message: "the captcha was not solved" };
const expired: ScreeningReason = {
  code: "captcha_expired",
  points: 10,
  message: "the captcha was too old or used before",
};

/** Fields of a captcha's widget; they are none of the lead's. */
export function captchaFields(captcha: CaptchaSettings | null): readonly string[] {
  if (!captcha) return [];
  if (captcha.type === "altcha") return ["altcha"];
  return [providers[captcha.type].field, ...providers[captcha.type].alsoWrites];
}

/**
 * The body that asks the provider about a token. The visitor's address is not sent. `uuid`: the same for every try, which lets
 * Turnstile answer a repeated question as it did the first.
 */
export function captchaQuestion({ type, secret }: RemoteCaptcha, token: string, uuid: string): URLSearchParams {
  const body = new URLSearchParams({ secret, response: token });
  if (type === "turnstile") body.set("idempotency_key", uuid);
  return body;
}

/**
 * Reads the provider's answer. What is no answer of the documented form is `unknown`. `origins`: where the form stands; empty:
 * anywhere.
 */
export function captchaVerdict(
  captcha: RemoteCaptcha,
  status: number,
  answer: unknown,
  origins: readonly string[] = [],
): CaptchaVerdict {
  if (typeof answer !== "object" || answer === null || !("success" in answer) || typeof answer.success !== "boolean") {
    return { type: "unknown", cause: status >= 400 && status < 500 && status !== 429 ? "misconfigured" : "down" };
  }
  if (answer.success) {
    const reason = !isMeantForUs(captcha, answer, origins)
      ? elsewhere
      : !isGoodEnough(captcha, answer)
        ? lowScore
        : null;
    return reason ? { type: "failed", reason } : { type: "passed" };
  }
  const codes =
    "error-codes" in answer && Array.isArray(answer["error-codes"]) ? answer["error-codes"].map(String) : [];
  if (codes.some((code) => code.includes("secret"))) return { type: "unknown", cause: "misconfigured" };
  if (codes.includes("internal-error")) return { type: "unknown", cause: "down" };
  const isOld = codes.some((code) =>
    /^(?:timeout-or-duplicate|expired-input-response|(?:invalid-or-)?already-seen-response)$/.test(code),
  );
  return { type: "failed", reason: isOld ? expired : failed };
}

const lowScore: ScreeningReason = { code: "captcha_score", points: 10, message: "the captcha gave a low score" };

function isGoodEnough(captcha: RemoteCaptcha, answer: object): boolean {
  if (captcha.type !== "recaptcha") return true;
  return !("score" in answer) || typeof answer.score !== "number" || answer.score >= captcha.minScore;
}

const elsewhere: ScreeningReason = {
  code: "captcha_elsewhere",
  points: 10,
  message: "the captcha was solved on another page",
};
/** What the providers' secrets for tests answer: a site under construction is to work with them. */
const testHosts = new Set(["example.com", "testkey.google.com", "dummy-key-pass"]);

/**
 * False when the token was given out on another site, or for another action of this one: somebody has it solved where people solve
 * anything. Providers do not look when their own check of domains is off. An answer that does not say is not held against anyone.
 */
function isMeantForUs(captcha: RemoteCaptcha, answer: object, origins: readonly string[]): boolean {
  const { hostname, action } = answer as { hostname?: unknown; action?: unknown };
  if (captcha.action !== undefined && typeof action === "string" && action !== captcha.action) return false;
  if (typeof hostname !== "string" || origins.length === 0 || testHosts.has(hostname)) return true;
  return origins.some((origin) => URL.parse(origin)?.hostname === hostname.toLowerCase());
}
