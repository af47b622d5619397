import { hash, randomBytes, randomInt } from "node:crypto";
import type { Options } from "./config/config.ts";
import type { Secrets } from "./config/secret-file.ts";
import type { GuardedFetch } from "./delivery/guarded-fetch.ts";
import { derivedKey } from "./intake/keyed-hash.ts";
import type { RemoteCaptcha } from "./intake/screens/captcha.ts";
import { checkCaptchas } from "./intake/screens/captcha-check.ts";
import { createCaptchaDuty } from "./intake/screens/captcha-duty.ts";
import { createScreenPages } from "./intake/screens/pages.ts";
import { createScreens } from "./intake/screens/screens.ts";
import type { Ledger } from "./ledger/ledger.ts";
import type { CheckResult, ToolContext } from "./model/destination.ts";
import type { Form } from "./model/form.ts";
import type { Log } from "./model/log.ts";
import { createSpamDesk, type SpamDesk } from "./privacy/spam-desk.ts";
import { screensScript } from "./visitor-script.ts";

const checkMs = 10_000;

type Parts = {
  secrets: Secrets;
  ledger: Ledger;
  findForm(id: string): Form | null;
  fetch: GuardedFetch;
  now(): number;
  log: Log;
};

/** The screens for spam, the pages that go with them, and what asks captcha providers. */
export function openScreening(options: Options, { secrets, ledger, findForm, fetch, now, log }: Parts) {
  const key = derivedKey(secrets[0], "screens").toString("base64");
  const screens = createScreens({
    secrets,
    limits: options.limits,
    trustsProxy: options.trustProxy > 0,
    // No HMAC, which costs four times as much: its hashes never leave this process, and nobody can lengthen what they do not see.
    hash: (text) => hash("sha256", key + text, "base64url"),
    now,
    nonce: () => randomBytes(12).toString("base64url"),
    draw: (below) => randomInt(below),
  });
  const captchas = createCaptchaDuty({
    ledger,
    findForm,
    fetch: (url, init) => fetch(url, init, () => {}),
    now,
    log,
  });
  const isNeeded = remoteCaptchas(options).length > 0;
  return {
    screens,
    page: createScreenPages({ findForm, screens, script: screensScript }),
    /** Asks providers about what has come meanwhile; nothing where no form has a captcha of theirs. */
    captchas: {
      wake: () => captchas.wake(),
      start: () => void (isNeeded && captchas.start()),
      run: () => (isNeeded ? captchas.run() : Promise.resolve()),
      stop: captchas.stop,
    },
  };
}

/** The captchas of all forms whose provider has to be asked. */
export function remoteCaptchas({ forms, openScreens }: Options): RemoteCaptcha[] {
  const all = forms ? [...forms.values()].map(({ screens }) => screens?.captcha) : [openScreens.captcha];
  return all.flatMap((captcha) => (captcha && captcha.type !== "altcha" ? [captcha] : []));
}

/** Asks each captcha provider in use whether it knows the secret. Changes nothing. */
export function captchaChecks(options: Options, { fetch }: Pick<ToolContext, "fetch">): Promise<CheckResult[]> {
  return checkCaptchas(remoteCaptchas(options), fetch, AbortSignal.timeout(checkMs));
}

/** What people decide about suspected spam, on its own: for commands. */
export function openSpamDesk({ destinations }: Options, ledger: Ledger): SpamDesk {
  return createSpamDesk({ ledger, destinations, now: Date.now });
}
