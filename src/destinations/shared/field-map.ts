import * as z from "zod";
import type { Json } from "../../model/json.ts";
import type { Lead } from "../../model/lead.ts";
import { type Mapping, mappedValue, mapping } from "../../model/mapping.ts";
import { type LeadPayload, leadPayload } from "../../model/payload.ts";

/**
 * When a mapped value is written to a record that is there already: `always`, only where the field is empty, or not at all
 * because it is set on creation only.
 */
export const writeMode = z.enum(["always", "ifEmpty", "onCreate"]);
export type WriteMode = z.infer<typeof writeMode>;

const mappedField = z.union([
  mapping,
  z.strictObject({ value: mapping, mode: writeMode }),
  z.custom<(lead: LeadPayload) => Json | undefined>((value) => typeof value === "function"),
]);
export type MappedField = z.infer<typeof mappedField>;

/** A destination's `map` option: the remote field's name, and where its value comes from. */
export const fieldMap = z.record(z.string().min(1), mappedField);
export type FieldMap = z.infer<typeof fieldMap>;

/** A remote field's value for one lead, not yet in the remote field's own type. */
export type MappedValue = { name: string; value: Json; mode: WriteMode };

/** What a map makes of a lead, without the fields it has no value for: nothing empty is ever sent. */
export function mappedValues(map: FieldMap, lead: Lead): MappedValue[] {
  return Object.entries(map).flatMap(([name, from]): MappedValue[] => {
    const value = evaluated(from, lead);
    return value === undefined ? [] : [{ name, value, mode: modeOf(from) }];
  });
}

function evaluated(from: MappedField, lead: Lead): Json | undefined {
  if (typeof from === "function") {
    const value = from(leadPayload(lead));
    return value === null || value === "" ? undefined : value;
  }
  return mappedValue(isModed(from) ? from.value : from, lead);
}

function modeOf(from: MappedField): WriteMode {
  return typeof from === "object" && isModed(from) ? from.mode : "always";
}

function isModed(from: Mapping | { value: Mapping; mode: WriteMode }): from is { value: Mapping; mode: WriteMode } {
  return "mode" in from;
}
