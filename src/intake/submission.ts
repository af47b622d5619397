import type { Json, JsonObject } from "../model/json.ts";
import type { Pair } from "./parse-body.ts";
import { type Refusal, refused } from "./refusal.ts";

/** What a person sent, sanitised: their own fields, and apart from them the reserved ones, whose names begin with `_`. */
export type Submission = {
  type: "submission";
  formData: JsonObject;
  reserved: ReadonlyMap<string, Json>;
};

const mostFields = 1_000;
const mostValues = 10_000;
const deepestNesting = 64;

/** Values visited so far, and whether one lay too deep. */
type Walk = { values: number; tooDeep: boolean };

/**
 * Sanitises fields and gathers repeated ones into lists. NUL characters are removed and lone surrogates replaced, since
 * stores and destinations choke on them; `__proto__` is dropped. Size and nesting are bounded so that every later
 * recursion over the data is safe.
 */
export function toSubmission(pairs: readonly Pair[]): Submission | Refusal {
  const fields = new Map<string, Json>();
  const reserved = new Map<string, Json>();
  const walk: Walk = { values: 0, tooDeep: false };
  for (const [rawName, rawValue] of pairs) {
    const name = cleanText(rawName);
    if (name === "__proto__") continue;
    const value = cleanValue(rawValue, 2, walk);
    const among = name.startsWith("_") ? reserved : fields;
    const earlier = among.get(name);
    among.set(name, earlier === undefined ? value : joined(earlier, value));
    if (fields.size + reserved.size > mostFields) return refused("malformed", `More than ${mostFields} fields.`);
    if (walk.values > mostValues) return refused("malformed", `More than ${mostValues} values.`);
    if (walk.tooDeep) return refused("malformed", `Nested deeper than ${deepestNesting} levels.`);
  }
  return { type: "submission", formData: Object.fromEntries(fields), reserved };
}

/** A value sanitised like a submission's own; null when it is past the limits. */
export function cleanJson(value: Json): Json {
  const walk: Walk = { values: 0, tooDeep: false };
  const cleaned = cleanValue(value, 1, walk);
  return walk.tooDeep || walk.values > mostValues ? null : cleaned;
}

/** Text without NUL characters and lone surrogates. */
export function cleanText(text: string): string {
  const withoutNul = text.includes("\0") ? text.replaceAll("\0", "") : text;
  return withoutNul.isWellFormed() ? withoutNul : withoutNul.toWellFormed();
}

/** Stops descending once a limit is passed: the submission is refused then, whatever this returns. */
function cleanValue(value: Json, depth: number, walk: Walk): Json {
  if (++walk.values > mostValues) return null;
  if (typeof value === "string") return cleanText(value);
  if (typeof value !== "object" || value === null) return value;
  if (depth > deepestNesting) {
    walk.tooDeep = true;
    return null;
  }
  if (Array.isArray(value)) return value.map((item) => cleanValue(item, depth + 1, walk));
  const cleaned: JsonObject = {};
  for (const [rawName, item] of Object.entries(value)) {
    const name = cleanText(rawName);
    if (name !== "__proto__") cleaned[name] = cleanValue(item, depth + 1, walk);
  }
  return cleaned;
}

/** Adds to a list in place, which keeps many values of one name linear. The lists are this file's own. */
function joined(earlier: Json, later: Json): Json {
  const list = Array.isArray(earlier) ? earlier : [earlier];
  for (const item of Array.isArray(later) ? later : [later]) list.push(item);
  return list;
}
