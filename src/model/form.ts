import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { Purpose } from "./consent.ts";

/**
 * A form control that gives or refuses consent, and the wording shown beside it. A form in several languages lists a control
 * once for each, and says in `_locale` which one it showed.
 */
export type ConsentControl = {
  /** The field's name; a yes in it (`true`, `on`, `yes`, `1`) grants the purpose. */
  field: string;
  purpose: Purpose;
  /** The wording shown. When absent, the form's `_consent_text` is recorded instead. */
  text?: string;
  /** Which version of the wording it is, e.g. `2026-11`. */
  version?: string;
  /** The language of the wording, BCP 47, e.g. `de` or `en-GB`. */
  locale?: string;
  /** Everyone the wording names as receiving the data. @default nobody is named, and recipients are not checked */
  recipients?: readonly string[];
  /** `"double-opt-in"`: a yes counts only once the person has confirmed it by mail. @default it counts at once */
  confirm?: "double-opt-in";
};

/**
 * A captcha as a form uses it. `url`: where its provider verifies tokens; `altcha` is verified here. `action`: what the page's
 * widget says the token is for.
 */
export type CaptchaSettings =
  | { type: "turnstile" | "hcaptcha"; secret: string; url: string; action?: string }
  /** `minScore`: below it a token of version 3 does not pass, 0 to 1. Version 2 has no score. */
  | { type: "recaptcha"; secret: string; url: string; minScore: number; action?: string }
  /** `maxNumber`: how many hashes a browser has to try at most. */
  | { type: "altcha"; maxNumber: number };

/** How a form's leads are screened for spam. */
export type FormScreens = {
  captcha: CaptchaSettings | null;
  /** Names of fields no person sees. */
  honeypots: readonly string[];
  /** Whether every page with the form loads its `screens.js`: then a missing stamp is worth a few points. */
  expectStamp: boolean;
  /** Whether what spam usually offers counts; a site in one of these trades turns it off. */
  wording: boolean;
  /** From so many points on a lead is quarantined. */
  quarantineAt: number;
};

/**
 * The field no person sees. No browser's autofill knows the name, no real form asks for it, and it is a plain one: bots pass over
 * what looks like a trap.
 */
export const defaultHoneypot = "reply_subject";

/** How a form nobody configured is screened. */
export const defaultScreens: FormScreens = {
  captcha: null,
  honeypots: [defaultHoneypot],
  expectStamp: false,
  wording: true,
  quarantineAt: 10,
};

/** A configured place people send from. */
export type Form = {
  id: string;
  /** What people call it; the id when nothing else is given. */
  name: string;
  /** Which version of the form it is, kept with every consent given by it. */
  version: string | null;
  /** Checks the fields; any Standard Schema. Its issues become `422 invalid`. The lead keeps what was typed. */
  fields: StandardSchemaV1 | null;
  /** Where a browser goes afterwards. @default a built-in thank-you page */
  thanks: string | null;
  /** Exact origins (`https://example.com`) that may post. Empty: any. */
  origins: readonly string[];
  consents: readonly ConsentControl[];
  /**
   * Whether `_consent` may tell of purposes that `consents` does not have. Once a config lists the consents it may not: what
   * nobody was asked is not granted.
   */
  otherPurposes: boolean;
  /** Destination ids that receive its leads; null: all. */
  destinations: readonly string[] | null;
  /** Country whose phone numbers may be written without a prefix, ISO 3166-1 alpha-2. */
  country: string;
  /** @default `defaultScreens` */
  screens?: FormScreens;
};

const formId = /^[a-z0-9][a-z0-9-]{0,63}$/;

/** True when the text can name a form or a destination: lower-case letters, digits and hyphens, at most 64. */
export function isPlainId(text: string): boolean {
  return formId.test(text);
}

/** The id of the destination that mails confirmation links. */
export const confirmationMail = "mail-confirmation";

/** The consent controls of a form nobody configured. */
export const defaultConsents: readonly ConsentControl[] = [
  { field: "consent", purpose: "enquiry" },
  { field: "marketing_consent", purpose: "marketing" },
];
