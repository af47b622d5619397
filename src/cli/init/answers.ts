import { readEnvironment } from "../../config/environment.ts";
import { isPlainId } from "../../model/form.ts";
import type { DestinationChoice, FrameworkId } from "./choices.ts";

/** A consent the form asks for: one box, its wording and which version of it. */
export type ConsentAnswer = { purpose: "enquiry" | "marketing"; text: string; version: string };

/** Everything `init` needs to know to write its files. */
export type Answers = {
  framework: FrameworkId;
  form: string;
  /** Names of the form's fields, in order. */
  fields: readonly string[];
  consents: readonly ConsentAnswer[];
  destinations: readonly DestinationChoice[];
  /** Variables for `.env`, by name. Secrets come only from the keyboard. */
  variables: Readonly<Record<string, string>>;
  /** The address browsers know the site (or the stand-alone gateway) by; null: not known yet. */
  publicUrl: string | null;
};

export const defaultFields = ["name", "email", "phone", "message"];
export const defaultConsentText = "You may pass my enquiry on to those who answer it.";
const mostFields = 30;
const fieldName = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;
/** Taken by the consent boxes. */
const boxNames = ["consent", "marketing_consent"];
const ways = ["email", "phone"];

/** Each says what is wrong with an answer, in words for the person who gave it; undefined when nothing is. */
export function formProblem(id: string): string | undefined {
  return isPlainId(id) ? undefined : "A form's id has lower-case letters, digits and hyphens, at most 64: contact";
}

/** Field names as typed: separated by commas or spaces, each once. */
export function fieldsIn(text: string): string[] {
  return [...new Set(text.split(/[\s,]+/).filter((name) => name !== ""))];
}

export function fieldsProblem(fields: readonly string[]): string | undefined {
  if (fields.length > mostFields) return `At most ${mostFields} fields can be written; add more in the form itself.`;
  const wrong = fields.find((name) => !fieldName.test(name));
  if (wrong !== undefined) return "A field's name has letters, digits, - and _, and begins with a letter: first_name";
  if (fields.some((name) => boxNames.includes(name))) {
    return "consent and marketing_consent are the consent boxes: leave them out here, give their wording instead.";
  }
  return fields.some((name) => ways.includes(name)) ? undefined : "A lead needs a field email or phone.";
}

export function wordingProblem(text: string): string | undefined {
  if (text.trim() === "") return "Write the wording as the form is to show it.";
  return text.length > 2_000 ? "The wording is longer than 2000 characters." : undefined;
}

export function versionProblem(version: string): string | undefined {
  return /^\S.{0,63}$/.test(version) ? undefined : "Write a version such as 1 or 2026-11.";
}

export function publicUrlProblem(url: string): string | undefined {
  const wrong = "Write the whole address, such as https://www.example.com";
  if (!URL.canParse(url)) return wrong;
  const { protocol, username, password, search, hash } = new URL(url);
  if (protocol !== "https:" && protocol !== "http:") return wrong;
  return username || password || search || hash ? "Leave out user, query and #: https://www.example.com" : undefined;
}

/** What the gateway itself would say of a variable's value; the value is not quoted. */
export function variableProblem(name: string, value: string): string | undefined {
  if (/[\r\n]/.test(value)) return "Write it in one line, with \\n for line breaks.";
  const found = readEnvironment({ [name]: value }).problems.find(({ path }) => path === name);
  return found && `It ${found.message} ${found.cure.replace("Set it to", "Write")}`;
}
