import * as z from "zod";
import type { Json } from "./json.ts";
import type { Lead } from "./lead.ts";
import { leadPayload } from "./payload.ts";

/** What may be done to a value on its way: a name, or a name with its argument. */
export const transform = z.union([
  z.enum(["trim", "lower", "e164", "date", "number", "boolean"]),
  z.strictObject({ option: z.record(z.string(), z.string()) }),
  z.strictObject({ split: z.string().min(1) }),
]);
export type Transform = z.infer<typeof transform>;

/**
 * Where a remote field's value comes from, as plain data, so that config, console and checks can read it.
 * `field` is a path into the standard payload: `email`, `source.utm_source`, `form_data.budget`.
 */
export type Mapping =
  | { field: string; transforms?: Transform[] }
  | { const: Json }
  | { first: Mapping[] }
  | { template: string }
  | { join: Mapping[]; with: string }
  | { lookup: Mapping; in: Record<string, Json>; otherwise?: Json };

export const mapping: z.ZodType<Mapping, Mapping> = z.lazy(() =>
  z.union([
    z.strictObject({ field: z.string().min(1), transforms: z.array(transform).optional() }) as z.ZodType<
      Mapping,
      Mapping
    >,
    z.strictObject({ const: z.json() }) as z.ZodType<Mapping, Mapping>,
    z.strictObject({ first: z.array(mapping).min(1) }),
    z.strictObject({ template: z.string().min(1) }),
    z.strictObject({ join: z.array(mapping).min(1), with: z.string() }),
    z.strictObject({
      lookup: mapping,
      in: z.record(z.string(), z.json()),
      otherwise: z.json().optional(),
    }) as z.ZodType<Mapping, Mapping>,
  ]),
);

/** The value at a path of the standard payload, transformed in turn. */
export function field(path: string, ...transforms: Transform[]): Mapping {
  return transforms.length > 0 ? { field: path, transforms } : { field: path };
}

/** The same value for every lead. */
export function constant(value: Json): Mapping {
  return { const: value };
}

/** The first of several that is not empty. */
export function first(...mappings: Mapping[]): Mapping {
  return { first: mappings };
}

/** Text with `{path}` places, e.g. `"{first_name} via {form_name}"`; an empty value leaves an empty place. */
export function template(text: string): Mapping {
  return { template: text };
}

/** The values that are not empty, with something between them. */
export function join(mappings: Mapping[], between: string): Mapping {
  return { join: mappings, with: between };
}

/** A table from our value to theirs. */
export function lookup(from: Mapping, table: Record<string, Json>, otherwise?: Json): Mapping {
  return otherwise === undefined ? { lookup: from, in: table } : { lookup: from, in: table, otherwise };
}

/** The mapped value of a lead; undefined when there is none, so that nothing empty is ever sent. */
export function mappedValue(from: Mapping, lead: Lead): Json | undefined {
  return evaluate(from, leadPayload(lead) as unknown as Json);
}

function evaluate(from: Mapping, payload: Json): Json | undefined {
  if ("field" in from) return (from.transforms ?? []).reduce(applyTransform, at(payload, from.field));
  if ("const" in from) return filled(from.const);
  if ("first" in from) return firstFilled(from.first, payload);
  if ("template" in from) return filled(fill(from.template, payload).trim());
  if ("join" in from) {
    const values = from.join.map((one) => evaluate(one, payload)).filter((value) => value !== undefined);
    return filled(values.map(textOf).join(from.with));
  }
  const key = evaluate(from.lookup, payload);
  const found = key === undefined || !Object.hasOwn(from.in, textOf(key)) ? undefined : from.in[textOf(key)];
  return filled(found ?? from.otherwise);
}

function firstFilled(mappings: readonly Mapping[], payload: Json): Json | undefined {
  for (const one of mappings) {
    const value = evaluate(one, payload);
    if (value !== undefined) return value;
  }
  return undefined;
}

function fill(text: string, payload: Json): string {
  return text.replace(/\{([^{}]+)\}/g, (_, path: string) => textOf(at(payload, path.trim()) ?? ""));
}

/** A field name may hold dots itself: the longest name that fits is tried first. */
function at(value: Json | undefined, path: string): Json | undefined {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return undefined;
  if (Object.hasOwn(value, path)) return filled(value[path]);
  for (let dot = path.lastIndexOf("."); dot > 0; dot = path.lastIndexOf(".", dot - 1)) {
    const head = path.slice(0, dot);
    if (Object.hasOwn(value, head)) return at(value[head], path.slice(dot + 1));
  }
  return undefined;
}

function applyTransform(value: Json | undefined, step: Transform): Json | undefined {
  if (value === undefined) return undefined;
  if (Array.isArray(value) && typeof step !== "object") {
    return filled(value.map((one) => applyTransform(one, step)).filter((one) => one !== undefined));
  }
  if (typeof step === "object") return "option" in step ? optionOf(value, step.option) : splitBy(value, step.split);
  const text = textOf(value).trim();
  switch (step) {
    case "trim":
      return filled(text);
    case "lower":
      return filled(text.toLowerCase());
    case "e164":
      return /^\+[1-9]\d{5,14}$/.test(text) ? text : undefined;
    case "date": {
      const ms = Date.parse(text);
      return Number.isNaN(ms) ? undefined : new Date(ms).toISOString().slice(0, 10);
    }
    case "number":
      return numberOf(text);
    case "boolean":
      return booleanOf(text);
  }
}

/** A number as people write it: `1,200`, `1 200.50`, `€ 30`. Undefined when it is not plainly one. */
export function numberOf(text: string): number | undefined {
  const bare = text.replace(/^[\p{Sc}\s]+|(?<![\p{Sc}\s])[\p{Sc}\s]+$/gu, "");
  const grouped = /^-?\d{1,3}([,'\u00a0\u202f ]\d{3})+(\.\d+)?$/.test(bare)
    ? bare.replace(/[,'\u00a0\u202f ]/g, "")
    : bare;
  return /^-?\d+(\.\d+)?$/.test(grouped) ? Number(grouped) : undefined;
}

/** Yes or no as forms send them. Undefined when it is neither. */
export function booleanOf(text: string): boolean | undefined {
  const word = text.trim().toLowerCase();
  if (["true", "on", "yes", "y", "1"].includes(word)) return true;
  return ["false", "off", "no", "n", "0"].includes(word) ? false : undefined;
}

function optionOf(value: Json, options: Record<string, string>): Json | undefined {
  if (Array.isArray(value))
    return filled(value.map((one) => optionOf(one, options)).filter((one) => one !== undefined));
  const text = textOf(value).trim();
  return Object.hasOwn(options, text) ? options[text] : filled(text);
}

function splitBy(value: Json, separator: string): Json | undefined {
  if (Array.isArray(value)) return value;
  return filled(
    textOf(value)
      .split(separator)
      .map((part) => part.trim())
      .filter(Boolean),
  );
}

function textOf(value: Json): string {
  if (value === null) return "";
  if (Array.isArray(value)) return value.map(textOf).join(", ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function filled(value: Json | undefined): Json | undefined {
  if (value === undefined || value === null || value === "") return undefined;
  return Array.isArray(value) && value.length === 0 ? undefined : value;
}
