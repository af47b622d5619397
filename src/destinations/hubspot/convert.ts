import type { Json } from "../../model/json.ts";
import { booleanOf, numberOf } from "../../model/mapping.ts";
import type { Property } from "./properties.ts";

/** Longest value of a text property and of a note, per https://knowledge.hubspot.com/properties/property-field-types-in-hubspot (read 2026-11). */
const longestText = 65_536;
const cutMark = " … (cut off)";

/**
 * A value as HubSpot takes it for a property: always text, in the form the property's type wants. Null when it does not fit.
 * Without knowing the property (`null`) text goes as it is.
 */
export function converted(value: Json, property: Property | null): string | null {
  if (property?.readOnly) return null;
  switch (property?.type) {
    case "number":
      return numberText(textOf(value));
    case "bool":
      return booleanText(value);
    case "date":
      return moment(value)?.slice(0, 10) ?? null;
    case "datetime":
      return moment(value);
    case "enumeration":
      return optionText(value, property);
    default:
      return cut(textOf(value), longestText) || null;
  }
}

/** Text of at most so many characters; what was cut says so. */
export function cut(text: string, limit: number): string {
  return text.length <= limit ? text : text.slice(0, limit - cutMark.length).toWellFormed() + cutMark;
}

/** A value as people read it. */
export function textOf(value: Json): string {
  if (value === null) return "";
  if (Array.isArray(value)) return value.map(textOf).filter(Boolean).join(", ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** A number without separators. One that begins with a zero is a postcode, a phone number or an id, and stays text. */
function numberText(text: string): string | null {
  const trimmed = text.trim();
  const number = /^0\d/.test(trimmed) ? undefined : numberOf(trimmed);
  return number === undefined ? null : String(number);
}

function booleanText(value: Json): string | null {
  const answer = booleanOf(textOf(value));
  return answer === undefined ? null : String(answer);
}

function moment(value: Json): string | null {
  const ms = typeof value === "number" ? value : Date.parse(textOf(value));
  return Number.isNaN(ms) || Math.abs(ms) > 8.64e15 ? null : new Date(ms).toISOString();
}

/** Internal names are case-sensitive; people type labels. Several values go joined by `;`, where several are allowed. */
function optionText(value: Json, { options, fieldType }: Property): string | null {
  if (options.length === 0) return textOf(value) || null;
  const several = fieldType === "checkbox";
  const parts = (Array.isArray(value) ? value.map(textOf) : [textOf(value)]).flatMap((text) => wanted(text, several));
  const found = parts.map((text) => optionFor(text, options, fieldType));
  if (found.length === 0 || found.includes(null) || (found.length > 1 && !several)) return null;
  return [...new Set(found)].join(";");

  function wanted(text: string, split: boolean): string[] {
    const whole = optionFor(text, options, fieldType) !== null || !split;
    return (whole ? [text] : text.split(/[;,]/)).map((one) => one.trim()).filter(Boolean);
  }
}

function optionFor(text: string, options: Property["options"], fieldType: string): string | null {
  const yesNo = fieldType === "booleancheckbox" ? booleanText(text) : null;
  const same = (one: string) => one.toLowerCase() === text.trim().toLowerCase();
  const found =
    options.find(({ value }) => value === text || value === yesNo) ??
    options.find(({ label }) => same(label)) ??
    options.find(({ value }) => same(value));
  return found?.value ?? null;
}
