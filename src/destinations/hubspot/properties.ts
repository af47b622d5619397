import * as z from "zod";
import type { Outcome } from "../../model/outcome.ts";
import type { MappedValue, WriteMode } from "../shared/field-map.ts";
import { type Api, apiVersion } from "./api.ts";
import { converted } from "./convert.ts";
import { failedLook } from "./errors.ts";

/** A property as HubSpot describes it. */
export type Property = {
  name: string;
  type: string;
  fieldType: string;
  options: { label: string; value: string }[];
  readOnly: boolean;
  unique: boolean;
};

/** The properties asked for that are there, by name; null when this token may not look. */
export type Properties = ReadonlyMap<string, Property> | null;

const described = z.object({
  name: z.string(),
  type: z.string(),
  fieldType: z.string().catch(""),
  options: z.array(z.object({ label: z.string(), value: z.string() })).catch([]),
  hasUniqueValue: z.boolean().catch(false),
  calculated: z.boolean().catch(false),
  modificationMetadata: z.object({ readOnlyValue: z.boolean().catch(false) }).catch({ readOnlyValue: false }),
});
const list = z.object({ results: z.array(described) });

/** Most names a batch read takes. */
const mostNames = 100;
const lifeMs = 3_600_000;
/** Somebody who has just been told that properties are missing makes them. */
const lifeWithGapsMs = 60_000;

/** What is known of one object type, and until when it is believed. */
type Entry = { until: number; names: string; found: Promise<Properties | Outcome> };
const cache = new WeakMap<object, Map<string, Entry>>();

/**
 * Which of these properties exist, with type and options: asked once and remembered for an hour, or a minute while some are
 * missing. An outcome when HubSpot wants no calls just now.
 */
export async function knownProperties(
  owner: object,
  objectType: string,
  names: readonly string[],
  { api, now }: { api: Api; now(): number },
): Promise<Properties | Outcome> {
  const entries = cache.get(owner) ?? new Map<string, Entry>();
  cache.set(owner, entries);
  const key = [...names].sort().join();
  const held = entries.get(objectType);
  if (held && held.until > now() && held.names === key) return held.found;
  const entry: Entry = { until: now() + lifeMs, names: key, found: readProperties(api, objectType, names, now) };
  entries.set(objectType, entry);
  try {
    const found = await entry.found;
    if (!(found instanceof Map)) entry.until = found === null ? now() + lifeWithGapsMs : 0;
    else if (found.size < new Set(names).size) entry.until = Math.min(entry.until, now() + lifeWithGapsMs);
    return found;
  } catch (error) {
    entry.until = 0;
    throw error;
  }
}

/** Takes what is remembered for wrong: HubSpot has just said so. */
export function forgetProperties(owner: object): void {
  cache.delete(owner);
}

/** Reads these properties. Null when the token has no right to look; an outcome when HubSpot wants no calls just now. */
export async function readProperties(
  api: Api,
  objectType: string,
  names: readonly string[],
  now: () => number,
): Promise<Properties | Outcome> {
  const found = new Map<string, Property>();
  for (let i = 0; i < names.length; i += mostNames) {
    const inputs = names.slice(i, i + mostNames).map((name) => ({ name }));
    const path = `/crm/properties/${apiVersion}/${objectType}/batch/read`;
    const answer = await api.look("POST", path, { archived: false, inputs });
    const parsed = answer.ok ? list.safeParse(answer.body).data : undefined;
    if (!parsed) {
      const outcome = failedLook(answer, now());
      const mayNotLook = answer.status === 403 && outcome.type === "blocked";
      return mayNotLook || outcome.type === "rejected" ? null : outcome;
    }
    for (const one of parsed.results) {
      const { name, type, fieldType, options, hasUniqueValue, calculated, modificationMetadata } = one;
      const readOnly = calculated || modificationMetadata.readOnlyValue;
      found.set(name, { name, type, fieldType, options, readOnly, unique: hasUniqueValue });
    }
  }
  return found;
}

/** Property values by name. HubSpot takes text only. */
export type Values = Record<string, string>;

/** What is to be written, by write mode, and the names of what has no place. */
export type Prepared = { values: Record<WriteMode, Values>; dropped: string[] };

/** Converts mapped values to what the properties take. What does not exist or does not fit is left out and named. */
export function prepare(mapped: readonly MappedValue[], properties: Properties): Prepared {
  const prepared: Prepared = { values: { always: {}, ifEmpty: {}, onCreate: {} }, dropped: [] };
  for (const { name, value, mode } of mapped) {
    const property = properties?.get(name) ?? null;
    const text = properties !== null && property === null ? null : converted(value, property);
    if (text === null) prepared.dropped.push(name);
    else prepared.values[mode][name] = text;
  }
  return prepared;
}
