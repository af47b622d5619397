import * as z from "zod";
import { confirmationTexts } from "./confirmation.ts";
import { german } from "./de.ts";
import { english } from "./en.ts";

const word = z.string().min(1);

/**
 * Everything the mails say, in one language. `{brand}`, `{form}`, `{person}` and `{purpose}` are filled in where the English texts have
 * them. Another language is a file (TypeScript or JSON) with the same keys.
 */
export const mailTexts = z.strictObject({
  /** To the team: lead-notification. */
  team: z.strictObject({
    /** Comes after `[form]` in the subject. */
    subject: word,
    /** The same when the person gave no name. */
    subjectNameless: word,
    title: word,
    received: word,
    name: word,
    email: word,
    phone: word,
    company: word,
    message: word,
    fields: word,
    source: word,
    page: word,
    referrer: word,
    direct: word,
    consent: word,
    granted: word,
    refused: word,
    withdrawn: word,
    /** Given on the form, not yet confirmed by mail. */
    requested: word,
    noConsent: word,
    version: word,
    reply: word,
    replySubject: word,
    open: word,
    reference: word,
    command: word,
    shortened: word,
    left: word,
    defanged: word,
    /** consent-withdrawal. Comes after `[form]` in the subject. */
    withdrawalSubject: word,
    /** The same when the person gave no name. */
    withdrawalSubjectNameless: word,
    withdrawalTitle: word,
    /** What the team has to do now. */
    withdrawalTask: word,
    withdrawalPurpose: word,
    withdrawalAt: word,
  }),
  /** To the person: customer-confirmation. It must not advertise anything: nobody has agreed to that. */
  customer: z.strictObject({
    subject: word,
    preview: word,
    title: word,
    greeting: word,
    thanks: word,
    /** What happens next, in the words of the business. */
    next: word,
    /** How to add something. */
    add: word,
    received: word,
    reference: word,
    closing: word,
    /** Why the person gets this mail. */
    why: word,
    /** Leads to the page where consent can be withdrawn. */
    withdraw: word,
  }),
  /** To the person: consent-confirmation. */
  confirmation: confirmationTexts,
});
export type MailTexts = z.output<typeof mailTexts>;

/** Texts that replace some of a language's own, or begin another language; what is left out is said in English. */
export const ownTexts = z.strictObject({
  team: mailTexts.shape.team.partial().optional(),
  customer: mailTexts.shape.customer.partial().optional(),
  confirmation: confirmationTexts.partial().optional(),
});
export type OwnTexts = z.output<typeof ownTexts>;

const builtIn: Readonly<Record<string, MailTexts>> = { en: english, de: german };

/** The texts of a language; null when nobody wrote any. */
export function textsIn(language: string, own: Readonly<Record<string, OwnTexts>>): MailTexts | null {
  const base = Object.hasOwn(builtIn, language) ? builtIn[language] : undefined;
  const replaced = Object.hasOwn(own, language) ? own[language] : undefined;
  if (!base && !replaced) return null;
  const { team, customer, confirmation } = base ?? english;
  return {
    team: { ...team, ...defined(replaced?.team) },
    customer: { ...customer, ...defined(replaced?.customer) },
    confirmation: { ...confirmation, ...defined(replaced?.confirmation) },
  };
}

/** Two-letter codes of the languages that can be used. */
export function languagesOf(own: Readonly<Record<string, OwnTexts>>): string[] {
  return [...new Set([...Object.keys(builtIn), ...Object.keys(own)])];
}

/** Text with its `{places}` filled. What is filled in is not looked at again; an unknown place stays as it is. */
export function filled(text: string, places: Readonly<Record<string, string>>): string {
  return text.replace(/\{(\w+)\}/g, (place, name: string) =>
    Object.hasOwn(places, name) ? (places[name] ?? "") : place,
  );
}

function defined<T extends object>(texts: T | undefined): { [Key in keyof T]?: NonNullable<T[Key]> } {
  const entries = Object.entries(texts ?? {}).filter(([, text]) => text !== undefined);
  return Object.fromEntries(entries) as { [Key in keyof T]?: NonNullable<T[Key]> };
}
