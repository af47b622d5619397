import type { Destination } from "../model/destination.ts";
import type { ConfigProblem } from "../model/errors.ts";
import { type ConsentControl, confirmationMail } from "../model/form.ts";

/** What a form's configuration says of consent. */
export type ConsentConfig = {
  version?: string;
  consents?: readonly ConsentControl[];
  destinations?: readonly string[];
};

/** What consents have to fit to. */
export type ConsentSurroundings = {
  destinations: readonly Destination[];
  publicUrl: string | null;
};

type Forms = Readonly<Record<string, ConsentConfig>>;

/** True when a form has a consent that is to be confirmed by mail. */
export function needsConfirmation({ consents = [] }: ConsentConfig): boolean {
  return consents.some(({ confirm }) => confirm !== undefined);
}

/** Everything wrong with the consents of the forms: what could never be confirmed, proved, or told apart later. */
export function consentProblems(forms: Forms, surroundings: ConsentSurroundings): ConfigProblem[] {
  return Object.entries(forms).flatMap(([id, form]) => [
    ...(form.version === undefined || isFilled(form.version)
      ? []
      : [{ path: `forms.${id}.version`, message: "is empty.", cure: 'Write one such as "2026-11", or leave it out.' }]),
    ...controlProblems(id, form.consents ?? []),
    ...repeatProblems(id, form.consents ?? []),
    ...confirmProblems(id, form, surroundings),
    ...recipientProblems(id, form, surroundings),
  ]);
}

function controlProblems(form: string, controls: readonly ConsentControl[]): ConfigProblem[] {
  return controls.flatMap(({ field, purpose, text, locale, recipients, confirm }, index) => {
    const path = `forms.${form}.consents.${index}`;
    const problems: ConfigProblem[] = [];
    const add = (key: string, message: string, cure: string) =>
      problems.push({ path: `${path}.${key}`, message, cure });
    if (!isFilled(field)) add("field", "is empty.", "Write the name of the form's box.");
    else if (field.startsWith("_")) add("field", "begins with _, which is reserved.", "Give the box another name.");
    if (!isFilled(purpose)) add("purpose", "is empty.", 'Write what for, such as "enquiry" or "marketing".');
    if (text !== undefined && !isFilled(text)) add("text", "is empty.", "Write the wording as the form shows it.");
    if (locale !== undefined && !isLocale(locale))
      add("locale", "is not a language.", 'Write a tag such as "de" or "en-GB".');
    if (recipients !== undefined && !(Array.isArray(recipients) && recipients.every(isFilled)))
      add("recipients", "is not a list of names.", "List everyone the wording names, or leave it out.");
    if (confirm !== undefined && confirm !== "double-opt-in")
      add("confirm", "is nothing this program knows.", 'Write "double-opt-in", or leave it out.');
    if (confirm !== undefined && text === undefined)
      add("text", "is needed beside confirm.", "Write the wording: the mail that asks for confirmation repeats it.");
    return problems;
  });
}

/** A box in several languages has each once, and is confirmed in all or in none. */
function repeatProblems(form: string, controls: readonly ConsentControl[]): ConfigProblem[] {
  return controls.flatMap(({ field, purpose, locale, confirm }, index) => {
    const path = `forms.${form}.consents.${index}`;
    const earlier = controls.slice(0, index).filter((one) => one.purpose === purpose);
    const repeated = earlier.some((one) => one.field === field && one.locale === locale);
    return [
      ...(repeated
        ? [{ path, message: "is listed twice.", cure: "Give each language its locale, and list each once." }]
        : []),
      ...(earlier.some((one) => one.confirm !== confirm)
        ? [
            {
              path: `${path}.confirm`,
              message: `is not the same for all of "${purpose}".`,
              cure: "Let every control of the purpose have it, or none.",
            },
          ]
        : []),
    ];
  });
}

function confirmProblems(
  form: string,
  config: ConsentConfig,
  { destinations, publicUrl }: ConsentSurroundings,
): ConfigProblem[] {
  if (!needsConfirmation(config)) return [];
  const path = `forms.${form}.consents`;
  const problems: ConfigProblem[] = [];
  if (!destinations.some(({ id }) => id === confirmationMail)) {
    const cure = `Set SMTP_URL and MAIL_FROM, or configure mailConfirmation({ … }) as "${confirmationMail}".`;
    problems.push({ path, message: "is to be confirmed by mail, but there is no mail server to send it with.", cure });
  }
  if (publicUrl === null) {
    const cure = "Set PUBLIC_URL to the address browsers know this gateway by.";
    problems.push({ path, message: "is to be confirmed by mail, but the link has no address to lead to.", cure });
  }
  return problems;
}

/** A destination announced by a name that no wording has would never get a lead. */
function recipientProblems(
  form: string,
  config: ConsentConfig,
  { destinations }: ConsentSurroundings,
): ConfigProblem[] {
  return destinations
    .filter(({ id, need }) => (config.destinations?.includes(id) ?? true) && need.basis === "consent")
    .flatMap(({ id, need: { purpose, recipient, withoutConsent } }) => {
      if (recipient === undefined || withoutConsent === "redact") return [];
      const naming = (config.consents ?? []).filter((one) => one.purpose === purpose && one.recipients !== undefined);
      return naming
        .filter(({ recipients = [] }) => !recipients.includes(recipient))
        .map(({ field }) => ({
          path: `forms.${form}.consents`,
          message: `the wording of "${field}" does not name "${recipient}", so "${id}" would get no lead by it.`,
          cure: `Name it among the recipients and in the wording, or leave "${id}" out of the form's destinations.`,
        }));
    });
}

function isFilled(text: unknown): boolean {
  return typeof text === "string" && text.trim() !== "";
}

function isLocale(text: string): boolean {
  try {
    return Intl.getCanonicalLocales(text).length === 1;
  } catch {
    return false;
  }
}
