import type { CheckResult, Fetch } from "../../model/destination.ts";
import { captchaQuestion, captchaVerdict, providers, type RemoteCaptcha } from "./captcha.ts";

/** A token no provider has given out. A good secret is told that the token is bad, a bad one that the secret is. */
const noToken = "leadkeep-doctor";

/** Asks each provider whether it knows the secret. Changes nothing. */
export function checkCaptchas(
  captchas: readonly RemoteCaptcha[],
  fetch: Fetch,
  signal: AbortSignal,
): Promise<CheckResult[]> {
  const each = new Map(captchas.map((captcha) => [`${captcha.type} ${captcha.url} ${captcha.secret}`, captcha]));
  return Promise.all([...each.values()].map((captcha) => checkOne(captcha, fetch, signal)));
}

async function checkOne(captcha: RemoteCaptcha, fetch: Fetch, signal: AbortSignal): Promise<CheckResult> {
  const { label } = providers[captcha.type];
  const what = `captcha ${label}`;
  try {
    const response = await fetch(captcha.url, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: captchaQuestion(captcha, noToken, "00000000-0000-4000-8000-000000000000"),
      signal,
    });
    const verdict = captchaVerdict(captcha, response.status, await response.json().catch(() => null));
    if (verdict.type === "passed")
      return {
        what,
        result: "warning",
        detail: "the secret lets every token pass",
        cure: `Take a secret of your own: this one is ${label}'s for tests.`,
      };
    if (verdict.type === "failed") return { what, result: "ok", detail: "the secret is accepted" };
    if (verdict.cause === "misconfigured")
      return {
        what,
        result: "problem",
        detail: "the secret is not accepted: every lead would stay in quarantine",
        cure: `Copy the secret key, not the site key, from ${label}'s settings.`,
      };
    return { what, result: "problem", detail: `answered ${response.status} and no verdict`, cure: down };
  } catch {
    return { what, result: "problem", detail: "could not be asked", cure: down };
  }
}

const down = "Leads wait in quarantine while it cannot be asked. Look whether this machine may reach it.";
