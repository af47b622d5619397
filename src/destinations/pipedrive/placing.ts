import type { Json } from "../../model/json.ts";
import type { Lead } from "../../model/lead.ts";
import { field, first } from "../../model/mapping.ts";
import { type FieldMap, type MappedValue, mappedValues, type WriteMode } from "../shared/field-map.ts";
import { convert } from "./convert.ts";
import { type Entity, type Field, type Fields, fieldNamed } from "./fields.ts";
import type { Options } from "./options.ts";

/** A value that has its place: the field's key, and the value in version 2's shape. */
export type Placed = { entity: Entity; name: string; code: string; custom: boolean; value: Json; mode: WriteMode };

/** A value that has none: `missing` for want of a field, else why, in words that do not quote it. */
export type Unplaced = { name: string; problem: string };

export type Placing = { placed: Placed[]; unplaced: Unplaced[]; cut: string[] };

/** Fields `leadkeep setup pipedrive` makes, by `map` name. A referrer or landing page can be longer than a `varchar` holds. */
export const ownFields: Readonly<Record<string, { type: "varchar" | "text"; from: FieldMap[string] }>> = {
  "Lead ID": { type: "varchar", from: field("lead_id") },
  "Lead form": { type: "varchar", from: field("form_name") },
  "Landing page": { type: "text", from: field("source.url") },
  Referrer: { type: "text", from: field("source.referrer") },
  "UTM source": { type: "varchar", from: field("source.utm_source") },
  "UTM medium": { type: "varchar", from: field("source.utm_medium") },
  "UTM campaign": { type: "varchar", from: field("source.utm_campaign") },
  "UTM content": { type: "varchar", from: field("source.utm_content") },
  "UTM term": { type: "varchar", from: field("source.utm_term") },
  "Click ID": {
    type: "text",
    from: first(...["gclid", "gbraid", "wbraid", "msclkid", "fbclid", "li_fat_id"].map((id) => field(`source.${id}`))),
  },
  "Consent given at": { type: "varchar", from: field("consent_timestamp") },
  "person.Latest lead ID": { type: "varchar", from: field("lead_id") },
  "person.Consent given at": { type: "varchar", from: field("consent_timestamp") },
};

/** The person's custom field that says whose values it carries. */
export const latestLeadField = "Latest lead ID";
/** The deal's custom field by which a deal of ours is known again. */
export const leadIdField = "Lead ID";

/**
 * Built-in fields that may be mapped, by entity, with their types where Pipedrive's own list does not tell. What a lead can
 * take per https://developers.pipedrive.com/docs/api/v1/Leads, a deal per …/Deals (read 2026-11).
 */
const builtIn: Record<Entity, Record<string, string>> = {
  deal: {
    title: "varchar",
    value: "monetary",
    expected_close_date: "date",
    visible_to: "visible_to",
    channel: "varchar_options",
    channel_id: "varchar",
    probability: "double",
  },
  person: { name: "varchar", visible_to: "visible_to" },
  organization: { visible_to: "visible_to" },
};
const onlyOfLeads = new Set(["channel", "channel_id"]);
const onlyOfDeals = new Set(["probability"]);

/** The whole map: ours, and over it the configured one. */
export function wholeMap({ map }: Pick<Options, "map">): FieldMap {
  return { ...Object.fromEntries(Object.entries(ownFields).map(([name, { from }]) => [name, from])), ...map };
}

/** Gives every mapped value its place among the account's fields. Pure. */
export function place(lead: Lead, options: Options, fields: Fields): Placing {
  const placing: Placing = { placed: [], unplaced: [], cut: [] };
  for (const mapped of mappedValues(wholeMap(options), lead)) placeOne(mapped, options, fields, placing);
  return placing;
}

function placeOne({ name, value, mode }: MappedValue, options: Options, fields: Fields, placing: Placing): void {
  const { entity, field: found } = findField(name, options, fields);
  if (!found) {
    placing.unplaced.push({ name, problem: "missing" });
    return;
  }
  const converted = convert(value, found, options.currency);
  if ("problem" in converted) {
    placing.unplaced.push({ name, problem: converted.problem });
    return;
  }
  if (converted.cut) placing.cut.push(name);
  placing.placed.push({ entity, name, code: found.code, custom: found.custom, value: converted.value, mode });
}

/** The field a `map` name means. */
export function findField(
  name: string,
  { target }: Pick<Options, "target">,
  fields: Fields,
): { entity: Entity; name: string; field: Field | undefined } {
  const { entity, rest } = entityOf(name);
  const listed = fieldNamed(fields[entity], rest);
  if (listed?.custom) return { entity, name: rest, field: listed };
  const code = rest.trim();
  const type = builtIn[entity][code];
  const taken = type !== undefined && !(target === "lead" ? onlyOfDeals : onlyOfLeads).has(code);
  const builtInField = { code, name: rest, type: type ?? "", custom: false, options: listed?.options ?? [] };
  return { entity, name: rest, field: taken ? builtInField : undefined };
}

/** `person.Job` → the person's `Job`; without a prefix it is the lead's or deal's. */
function entityOf(name: string): { entity: Entity; rest: string } {
  const [, prefix, rest] = /^(person|organi[sz]ation|lead|deal)\.(.+)$/i.exec(name) ?? [];
  if (prefix === undefined || rest === undefined) return { entity: "deal", rest: name };
  if (/^person$/i.test(prefix)) return { entity: "person", rest };
  return { entity: /^organi/i.test(prefix) ? "organization" : "deal", rest };
}
