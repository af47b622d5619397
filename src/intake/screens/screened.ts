import type { JsonObject } from "../../model/json.ts";
import { canonicalName } from "../field-index.ts";
import { isAttributionName } from "../read-attribution.ts";

/** Canonical names of fields that hold what a person is called. */
export const nameFields: ReadonlySet<string> = new Set(["name", "fullname", "firstname", "lastname"]);

/** One text a person typed, by its field's canonical name. */
export type TypedText = { name: string; text: string };

/** What the screens of content look at: what was typed, as it is and in lower case; long texts are cut. */
export type Screened = {
  texts: readonly TypedText[];
  /** All texts that say something of their own, one a line: without addresses, numbers and lone links. */
  prose: string;
  lower: string;
  /** Normalised; null when the person gave none. */
  email: string | null;
};

/** Screens look no further: whoever hides spam behind so much text is seen by what stands before it. */
const longestText = 10_000;
const mostTexts = 50;
const loneLink = /^(?:https?:\/\/|www\.)?[\w.-]+\.[a-z]{2,}\/?\S*$/i;
const contact = /^[^\s@]+@[^\s@]+$|^[+\d][\d\s().\-/]{4,24}$/;

/** Gathers what was typed; attribution fields are the page's own, and files are no text. */
export function toScreened(formData: JsonObject, email: string | null): Screened {
  const texts: TypedText[] = [];
  let prose = "";
  for (const field in formData) {
    const value = formData[field];
    const values = Array.isArray(value) ? value : [value];
    for (const one of values) {
      if (texts.length >= mostTexts) break;
      if (typeof one !== "string" || one.length < 2) continue;
      const name = canonicalName(field);
      if (isAttributionName(name)) continue;
      const text = one.length > longestText ? one.slice(0, longestText) : one;
      texts.push({ name, text });
      const isProse = text.length > 60 || !(contact.test(text) || loneLink.test(text));
      if (isProse && prose.length < longestText) prose += prose === "" ? text : `\n${text}`;
    }
    if (texts.length >= mostTexts) break;
  }
  return { texts, prose, lower: prose.toLowerCase(), email };
}
