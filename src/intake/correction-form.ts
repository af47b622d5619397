import type { Attribution } from "../model/attribution.ts";
import type { ConsentControl } from "../model/form.ts";
import type { Json, JsonObject } from "../model/json.ts";
import { contactFields } from "./contact.ts";
import { canonicalName } from "./field-index.ts";
import { escapeHtml } from "./page.ts";
import { isAttributionName } from "./read-attribution.ts";
import { isYes } from "./read-consents.ts";
import type { Refusal } from "./refusal.ts";
import { snapshotOf } from "./script-snapshot.ts";
import type { Submission } from "./submission.ts";

const longestOneLine = 80;
const carriedFields = ["_key", "_redirect", "_consent", "_consent_text", "_locale", "_loaded_at", "_stamp"];

/** What the visitor typed, and where they came from, so that sending again loses neither. */
export type Typed = {
  submission: Submission;
  attribution: Attribution;
  /** The form's consent controls, which are boxes whatever value they send. */
  consents: readonly ConsentControl[];
  /** What no person typed and the screens want again, such as a captcha's token. */
  aside: JsonObject;
  /** True of a field no person is to see. */
  isHidden(field: string): boolean;
};

type Control = { field: string; value: Json; id: string; errors: readonly string[] };

/** The form with everything typed in it, and the list of what to correct with links to the fields. */
export function correctionForm(refusal: Refusal, path: string, typed: Typed): { html: string; summary: string } {
  const controls = controlsOf(refusal, typed);
  const multipart = controls.some(({ value }) => [value].flat().some(isFile)) ? ' enctype="multipart/form-data"' : "";
  const html = `<form method="post" action="${escapeHtml(path)}" accept-charset="utf-8"${multipart}>
${hiddenInputs(typed)}${controls.map((control) => controlHtml(control, typed)).join("")}<button>Send</button>
</form>`;
  const items = refusal.errors.map(({ field, message }) => {
    const id = controls.find((control) => control.field === field)?.id;
    const text = `${field === "" ? "" : `${labelOf(field)}: `}${message}`;
    return `<li>${id ? `<a href="#${id}">${escapeHtml(text)}</a>` : escapeHtml(text)}</li>\n`;
  });
  return { html, summary: items.length > 0 ? `<ul>\n${items.join("")}</ul>\n` : "" };
}

/** Every field sent, then those an error names though they were not sent, and the ways to be reached that were not used. */
function controlsOf(refusal: Refusal, { submission }: Typed): Control[] {
  const values = new Map<string, Json>(Object.entries(submission.formData));
  const sent = new Set([...values.keys()].map(canonicalName));
  const named = refusal.errors.map(({ field }) => field).filter((field) => field !== "" && !field.startsWith("_"));
  const contactNamed = named.some((field) => contactFields.some(({ names }) => names.includes(canonicalName(field))));
  const unused = contactFields.filter(({ names }) => contactNamed && !names.some((name) => sent.has(name)));
  for (const field of [...named, ...unused.map(({ field }) => field)]) {
    if (!values.has(field)) values.set(field, "");
  }
  return [...values].map(([field, value], index) => ({
    field,
    value,
    id: `field-${index}`,
    errors: refusal.errors.filter((error) => error.field === field).map(({ message }) => message),
  }));
}

function hiddenInputs({ submission, attribution, aside }: Typed): string {
  const hidden = [...carriedFields, ...Object.keys(aside)].flatMap((name) => {
    const value = submission.reserved.get(name) ?? aside[name];
    return value === undefined ? [] : [value].flat().map((item) => [name, textIn(item)] as const);
  });
  if (attribution.from !== "none") hidden.push(["_attribution", JSON.stringify(snapshotOf(attribution))]);
  return hidden.map(([name, value]) => hiddenInput(name, value)).join("");
}

function hiddenInput(name: string, value: string): string {
  return `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">\n`;
}

function controlHtml({ field, value, id, errors }: Control, { consents, isHidden }: Typed): string {
  const described = errors.length > 0 ? ` aria-invalid="true" aria-describedby="${id}-error"` : "";
  const name = Array.isArray(value) ? `${field}[]` : field;
  // Pages fill these in themselves; nobody typed them.
  const isUnseen = isHidden(field) || (errors.length === 0 && isAttributionName(canonicalName(field)));
  if (isUnseen) {
    const inputs = [value].flat().map((item) => hiddenInput(name, textIn(item)));
    return inputs.join("");
  }
  const label = escapeHtml(labelOf(field));
  const isConsent = consents.some((control) => canonicalName(control.field) === canonicalName(field));
  const inputs = [value].flat().map((item, index) => {
    const identity = index === 0 ? `id="${id}"` : `aria-label="${label}"`;
    const attributes = `${identity} name="${escapeHtml(name)}"${described}`;
    const isTicked = item === "on" || (isConsent && isYes(item));
    return isTicked ? boxHtml(textIn(item), attributes) : inputHtml(item, attributes, field);
  });
  const error = errors.length > 0 ? `<p class="error" id="${id}-error">${escapeHtml(errors.join(" "))}</p>\n` : "";
  return `<div>\n<label for="${id}">${label}</label>\n${inputs.join("")}${error}</div>\n`;
}

function boxHtml(text: string, attributes: string): string {
  // "on" is what a box without a value sends.
  const value = text === "on" ? "" : ` value="${escapeHtml(text)}"`;
  return `<input type="checkbox" ${attributes}${value} checked>\n`;
}

function inputHtml(value: Json, attributes: string, field: string): string {
  if (isFile(value)) return `<input type="file" ${attributes}>\n<p class="note">Please choose the file again.</p>\n`;
  const text = textIn(value);
  // The parser drops one line break after the tag, which may have been the person's own.
  const isLong = text.length > longestOneLine || /[\r\n]/.test(text);
  if (isLong) return `<textarea ${attributes}>\n${escapeHtml(text)}</textarea>\n`;
  return `<input type="text" ${attributes} value="${escapeHtml(text)}"${autofillOf(field)}>\n`;
}

/** Brings the right keyboard and the browser's own data; the type stays text, so that nothing typed is refused by it. */
function autofillOf(field: string): string {
  const name = canonicalName(field);
  if (name === "email") return ' inputmode="email" autocomplete="email"';
  return name === "phone" ? ' inputmode="tel" autocomplete="tel"' : "";
}

function textIn(value: Json): string {
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function isFile(value: Json): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value) && "base64" in value;
}

/** `first_name` and `firstName` read "First name". */
function labelOf(field: string): string {
  const words = field
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .replace(/[-_\s]+/g, " ")
    .trim()
    .toLowerCase();
  return words === "" ? "Field" : words.charAt(0).toUpperCase() + words.slice(1);
}
