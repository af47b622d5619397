import type { JsonObject } from "../../model/json.ts";
import { canonicalName } from "../field-index.ts";
import { isAttributionName } from "../read-attribution.ts";

/** What a field is to the screens, by its name. `page`: attribution the page itself wrote. */
export type Field = {
  /** Canonical. */
  name: string;
  holds: "name" | "company" | "message" | "other" | "page";
};

/** One text a person typed. */
export type TypedText = { field: Field; text: string };

/** What the screens of content look at: what was typed, as it is and in lower case; long texts are cut. */
export type Screened = {
  texts: readonly TypedText[];
  /** All texts that say something of their own, one a line: without addresses, numbers and lone links. */
  prose: string;
  /** `prose` in lower case. */
  lower: string;
  /** Normalised; null when the person gave none. */
  email: string | null;
};

/** Screens look no further: whoever hides spam behind so much text is seen by what stands before it. */
const longestText = 10_000;
const mostTexts = 50;
const loneLink = /^(?:https?:\/\/|www\.)?[\w.-]+\.[a-z]{2,}(?:[/?#:]\S*)?$/i;
const contact = /^[^\s@]+@[^\s@]+$|^[+\d][\d\s().\-/]{4,24}$/;
const longestContact = 60;

/** Gathers what was typed; attribution fields are the page's own, and files are no text. */
export function toScreened(formData: JsonObject, email: string | null): Screened {
  const texts: TypedText[] = [];
  let prose = "";

  function take(field: string, value: unknown): void {
    if (typeof value !== "string" || value.length < 2 || texts.length >= mostTexts) return;
    const about = fieldOf(field);
    if (about.holds === "page") return;
    const text = value.length > longestText ? value.slice(0, longestText) : value;
    texts.push({ field: about, text });
    if (prose.length < longestText && isProse(text)) prose += prose === "" ? text : `\n${text}`;
  }

  for (const field in formData) {
    const value = formData[field];
    if (typeof value === "string") take(field, value);
    else if (Array.isArray(value)) for (const one of value) take(field, one);
    if (texts.length >= mostTexts) break;
  }
  return { texts, prose, lower: prose.toLowerCase(), email };
}

function isProse(text: string): boolean {
  if (text.length > longestContact) return true;
  const first = text.charCodeAt(0);
  const mayBeNumber = first === 0x2b || (first >= 0x30 && first <= 0x39);
  if ((mayBeNumber || text.includes("@")) && contact.test(text)) return false;
  return !(text.includes(".") && loneLink.test(text));
}

/** A form's names come with every one of its leads. */
const known = new Map<string, Field>();
const mostKnown = 500;
const longestKnown = 64;

/** What a field of this name is, however it is spelt. */
export function fieldOf(field: string): Field {
  const before = known.get(field);
  if (before) return before;
  const name = canonicalName(field);
  const about: Field = { name, holds: isAttributionName(name) ? "page" : (held.get(name) ?? "other") };
  if (known.size >= mostKnown) known.clear();
  if (field.length <= longestKnown) known.set(field, about);
  return about;
}

const held: ReadonlyMap<string, Field["holds"]> = new Map([
  ["name", "name"],
  ["fullname", "name"],
  ["firstname", "name"],
  ["lastname", "name"],
  ["company", "company"],
  ["message", "message"],
  ["comment", "message"],
  ["comments", "message"],
  ["subject", "message"],
  ["question", "message"],
  ["enquiry", "message"],
  ["inquiry", "message"],
]);
