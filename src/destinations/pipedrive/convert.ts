import type { Json } from "../../model/json.ts";
import { numberOf } from "../../model/mapping.ts";
import type { Field } from "./fields.ts";

/** A value in its field's own type, or why it is none. */
export type Converted = { value: Json; cut?: boolean } | { problem: string };

const longest: Record<string, number> = { varchar: 255, varchar_auto: 255, phone: 255, text: 65_000 };
const isoDate = /^(\d{4}-\d{2}-\d{2})(?:$|[T ])/;
const clock = /^([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?$/;

/**
 * A form's value as a field takes it. Form values are text: "1,200" becomes 1200 in a number field and stays text in any
 * other. Shapes are those of version 2, per https://pipedrive.readme.io/docs/pipedrive-api-v2-migration-guide (read 2026-11).
 */
export function convert(value: Json, field: Pick<Field, "type" | "options">, currency?: string): Converted {
  const text = textOf(value).trim();
  switch (field.type) {
    case "varchar":
    case "varchar_auto":
    case "phone":
    case "text":
      return cut(text, longest[field.type] ?? 255);
    case "int":
    case "double":
      return number(text, (amount) => amount);
    case "monetary":
      if (!currency) return { problem: "needs the option `currency`" };
      return number(text, (amount) => ({ value: amount, currency }));
    case "date":
      return isoDate.test(text)
        ? { value: isoDate.exec(text)?.[1] ?? text }
        : { problem: "is not a date (YYYY-MM-DD)" };
    case "time":
      return time(text);
    case "enum":
    case "varchar_options":
      return single(text, field.options);
    case "set":
      return several(value, field.options);
    case "address":
      return { value: { value: text } };
    case "user":
    case "org":
    case "people":
    case "visible_to":
      return /^\d+$/.test(text) ? { value: Number(text) } : { problem: "is not an id" };
    default:
      return { problem: `cannot be written to a field of type ${field.type}` };
  }
}

/** Top-level keys of version 1 for a value in version 2's shape; the same guide shows both. */
export function inVersion1(code: string, value: Json): Record<string, Json> {
  if (Array.isArray(value)) return { [code]: value.join(",") };
  if (value === null || typeof value !== "object") return { [code]: value };
  const { value: bare = null, currency } = value;
  return { [code]: bare, ...(currency === undefined ? {} : { [`${code}_currency`]: currency }) };
}

/** Any value as the text a person would read. */
export function textOf(value: Json): string {
  if (value === null) return "";
  if (Array.isArray(value)) return value.map(textOf).join(", ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** Text as long as a short text field holds, its end marked when it was longer. No character is torn. */
export function shortened(text: string, length = 255): string {
  const points = text.length > length ? [...text] : [];
  return points.length > length ? `${points.slice(0, length - 1).join("")}…` : text;
}

function cut(text: string, length: number): Converted {
  const value = shortened(text, length);
  return value === text ? { value } : { value, cut: true };
}

function number(text: string, shape: (amount: number) => Json): Converted {
  const amount = numberOf(text);
  return amount === undefined ? { problem: "is not a number" } : { value: shape(amount) };
}

function time(text: string): Converted {
  const [whole, hours = "", minutes, seconds = "00"] = clock.exec(text) ?? [];
  if (whole === undefined) return { problem: "is not a time (HH:MM)" };
  return { value: { value: `${hours.padStart(2, "0")}:${minutes}:${seconds}` } };
}

function single(text: string, options: Field["options"]): Converted {
  const id = optionId(text, options);
  return id === undefined ? { problem: "is not one of its options" } : { value: id };
}

function several(value: Json, options: Field["options"]): Converted {
  const chosen = Array.isArray(value) ? value.map(textOf) : splitUnlessOne(textOf(value), options);
  const ids = chosen.map((label) => optionId(label.trim(), options));
  const known = ids.filter((id) => id !== undefined);
  if (known.length < ids.length) return { problem: "is not one of its options" };
  return { value: [...new Set(known)] };
}

/** A label may hold a comma itself. */
function splitUnlessOne(text: string, options: Field["options"]): string[] {
  return optionId(text.trim(), options) === undefined ? text.split(/[,;]/).filter((part) => part.trim()) : [text];
}

function optionId(label: string, options: Field["options"]): string | number | undefined {
  const wanted = label.toLowerCase();
  const found =
    options.find((option) => option.label.trim().toLowerCase() === wanted) ??
    options.find((option) => String(option.id) === label);
  return found?.id;
}
