import type { ConfigProblem } from "../model/errors.ts";
import { type CaptchaSettings, defaultScreens, type FormScreens } from "../model/form.ts";

/** A captcha as a config file names it; what it leaves out comes from the variables. Made by the functions below. */
export type CaptchaConfig =
  | { type: "turnstile"; secret?: string; action?: string }
  | { type: "hcaptcha"; secret?: string }
  | { type: "recaptcha"; secret?: string; minScore?: number; action?: string }
  | { type: "altcha"; maxNumber?: number };

/** What a form may say about its screens for spam. */
export type ScreensConfig = {
  /** Which captcha the page shows. @default none, or in forms nobody configured the one whose secret is in the variables */
  captcha?: CaptchaConfig;
  /** Names of fields no person sees. `false`: none. @default "reply_subject" */
  honeypot?: string | readonly string[] | false;
  /** `"expected"`: every page with the form loads its `screens.js`, and a post without a stamp gets a few points. @default none */
  stamp?: "expected";
  /** `false` for a site in a trade that spam is about: casinos, loans, pharmacies, crypto currency, SEO. @default true */
  spamWords?: boolean;
  /** From so many points on a lead is quarantined. @default 10 */
  quarantineAt?: number;
};

/**
 * Cloudflare Turnstile. @param options `secret`: @default TURNSTILE_SECRET_KEY. `action`: the widget's `data-action`; a token for
 * another one does not pass. @default any
 */
export function turnstile(options: { secret?: string; action?: string } = {}): CaptchaConfig {
  return { type: "turnstile", ...options };
}

/** hCaptcha. @param options `secret`: @default HCAPTCHA_SECRET_KEY */
export function hcaptcha(options: { secret?: string } = {}): CaptchaConfig {
  return { type: "hcaptcha", ...options };
}

/**
 * Google reCAPTCHA, version 2 or 3. @param options `secret`: @default RECAPTCHA_SECRET_KEY. Of version 3 `minScore`: @default 0.5, and
 * `action`: the one the page executes; a token for another does not pass. @default any
 */
export function recaptcha(options: { secret?: string; minScore?: number; action?: string } = {}): CaptchaConfig {
  return { type: "recaptcha", ...options };
}

/** ALTCHA, a proof of work that this gateway sets and checks itself. @param options `maxNumber`: most hashes. @default 50_000 */
export function altcha(options: { maxNumber?: number } = {}): CaptchaConfig {
  return { type: "altcha", ...options };
}

/** Secrets and addresses as the variables have them. */
export type CaptchaVariables = {
  TURNSTILE_SECRET_KEY?: string | undefined;
  TURNSTILE_BASE_URL?: string | undefined;
  HCAPTCHA_SECRET_KEY?: string | undefined;
  HCAPTCHA_BASE_URL?: string | undefined;
  RECAPTCHA_SECRET_KEY?: string | undefined;
  RECAPTCHA_BASE_URL?: string | undefined;
};

const variableNames = { turnstile: "TURNSTILE", hcaptcha: "HCAPTCHA", recaptcha: "RECAPTCHA" } as const;
const hosts = {
  turnstile: "https://challenges.cloudflare.com",
  hcaptcha: "https://api.hcaptcha.com",
  recaptcha: "https://www.google.com",
} as const;
const paths = {
  turnstile: "/turnstile/v0/siteverify",
  hcaptcha: "/siteverify",
  recaptcha: "/recaptcha/api/siteverify",
} as const;
const usualMaxNumber = 50_000;
const usualMinScore = 0.5;

/** A configured form's screens; what is wrong goes to `problems`. */
export function formScreens(
  config: ScreensConfig,
  variables: CaptchaVariables,
  path: string,
  problems: ConfigProblem[],
): FormScreens {
  const { honeypot, quarantineAt = defaultScreens.quarantineAt } = config;
  if (!(quarantineAt >= 1)) {
    problems.push({ path: `${path}.quarantineAt`, message: "must be a number from 1.", cure: "Leave it out for 10." });
  }
  const honeypots = honeypot === undefined ? defaultScreens.honeypots : honeypot === false ? [] : [honeypot].flat();
  for (const name of honeypots.filter((one) => one.startsWith("_") || one.trim() === "")) {
    const cure = 'Take a plain name no browser fills in by itself, such as "reply_subject".';
    problems.push({ path: `${path}.honeypot`, message: `"${name}" cannot be a field's name.`, cure });
  }
  return {
    captcha: config.captcha ? captchaOf(config.captcha, variables, path, problems) : null,
    honeypots,
    expectStamp: config.stamp === "expected",
    wording: config.spamWords ?? true,
    quarantineAt,
  };
}

/** Screens of forms nobody configured: with the captcha whose secret the variables have. */
export function openScreens(variables: CaptchaVariables, problems: ConfigProblem[]): FormScreens {
  const given = (["turnstile", "hcaptcha", "recaptcha"] as const).filter((type) => secretOf(type, variables));
  const [type, ...more] = given;
  if (more.length > 0) {
    const cure = "Keep one, or name a captcha in each form of a config file.";
    problems.push({ path: "captcha", message: `secrets of ${given.length} captchas are set.`, cure });
  }
  return type ? { ...defaultScreens, captcha: captchaOf({ type }, variables, "captcha", problems) } : defaultScreens;
}

function captchaOf(
  config: CaptchaConfig,
  variables: CaptchaVariables,
  path: string,
  problems: ConfigProblem[],
): CaptchaSettings | null {
  if (config.type === "altcha") {
    const { maxNumber = usualMaxNumber } = config;
    if (!(Number.isInteger(maxNumber) && maxNumber >= 1_000 && maxNumber <= 10_000_000)) {
      const cure = "Leave it out for 50 000: half a second on a phone.";
      problems.push({ path: `${path}.captcha.maxNumber`, message: "must be a whole number from 1 000.", cure });
    }
    return { type: "altcha", maxNumber };
  }
  const { type } = config;
  const name = variableNames[type];
  const secret = config.secret ?? secretOf(type, variables);
  if (!secret) {
    const cure = `Set ${name}_SECRET_KEY, or give ${type}({ secret }).`;
    problems.push({ path: `${path}.captcha`, message: "has no secret key.", cure });
    return null;
  }
  const url = `${(variables[`${name}_BASE_URL`] ?? hosts[type]).replace(/\/$/, "")}${paths[type]}`;
  const action = "action" in config && config.action !== undefined ? { action: config.action } : {};
  if (type !== "recaptcha") return { type, secret, url, ...action };
  const { minScore = usualMinScore } = config;
  if (!(minScore >= 0 && minScore <= 1)) {
    problems.push({ path: `${path}.captcha.minScore`, message: "must be from 0 to 1.", cure: "Leave it out for 0.5." });
  }
  return { type, secret, url, minScore, ...action };
}

function secretOf(type: keyof typeof variableNames, variables: CaptchaVariables): string | undefined {
  return variables[`${variableNames[type]}_SECRET_KEY`];
}

/** How many submissions a minute are taken, as a config file says it. See docs/spam.md. */
export type LimitsConfig = Partial<Record<(typeof limitNames)[number], number>>;

const limitNames = ["addressSuspect", "addressQuarantine", "address", "formSuspect", "formQuarantine", "form"] as const;

/** The limits, checked. */
export function limitsOf(config: LimitsConfig = {}, problems: ConfigProblem[]): LimitsConfig {
  for (const [name, value] of Object.entries(config)) {
    if (limitNames.some((known) => known === name) && value >= 1) continue;
    const cure = `Use ${limitNames.join(", ")}, each a number a minute from 1.`;
    problems.push({ path: `limits.${name}`, message: "is not a limit.", cure });
  }
  return config;
}
