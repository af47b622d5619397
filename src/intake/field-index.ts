import type { Json, JsonObject } from "../model/json.ts";

/** A field by the name it was sent under. */
type NamedValue = { field: string; value: Json };

/** Fields by canonical name; several spellings of one name are listed in the order they came. */
export type FieldIndex = ReadonlyMap<string, readonly NamedValue[]>;

const separators = /[-_ ]/g;

/** One name for all its spellings: `E-Mail`, `e_mail` and `eMail` are `email`. */
export function canonicalName(field: string): string {
  return field.toLowerCase().replace(separators, "");
}

export function indexFields(fields: JsonObject): FieldIndex {
  const index = new Map<string, NamedValue[]>();
  for (const [field, value] of Object.entries(fields)) {
    const name = canonicalName(field);
    const spellings = index.get(name);
    if (spellings) spellings.push({ field, value });
    else index.set(name, [{ field, value }]);
  }
  return index;
}

/** The text of a value: a list's first non-blank one; null when blank, or when it is no text. */
export function textOf(value: Json | undefined): string | null {
  if (Array.isArray(value))
    return value.find((item): item is string => typeof item === "string" && !isBlank(item)) ?? null;
  if (typeof value === "string") return isBlank(value) ? null : value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : null;
}

/** All non-blank texts under any of these canonical names, in the order of the names. */
export function textsOf(index: FieldIndex, names: readonly string[]): { field: string; text: string }[] {
  return names.flatMap((name) =>
    (index.get(name) ?? []).flatMap(({ field, value }) => {
      const text = textOf(value);
      return text === null ? [] : [{ field, text }];
    }),
  );
}

/** The first non-blank text under any of these canonical names; null when there is none. */
export function firstText(index: FieldIndex, names: readonly string[]): string | null {
  for (const name of names) {
    for (const { value } of index.get(name) ?? []) {
      const text = textOf(value);
      if (text !== null) return text;
    }
  }
  return null;
}

function isBlank(text: string): boolean {
  return text.trim() === "";
}
