import type { CrmRecord } from "./pipedrive-crm.ts";
import { type Call, failure, type Reply, success } from "./pipedrive-route.ts";

/**
 * Searches leads, deals and persons by what is in their custom fields and notes, as far as the index knows them:
 * https://developers.pipedrive.com/docs/api/v1/ItemSearch (read 2026-11).
 */
export function itemSearch({ crm, query, now }: Call): Reply {
  const term = query.get("term")?.toLowerCase() ?? "";
  if ([...term].length < 2) return failure(400, "The search term must be at least 2 characters long");
  const fields = new Set((query.get("fields") ?? "custom_fields,notes").split(","));
  const types = new Set((query.get("item_types") ?? "lead,deal,person").split(","));
  const all = [
    ...crm.leads.map((record) => ({ record, type: "lead" })),
    ...crm.deals.map((record) => ({ record, type: "deal" })),
    ...crm.persons.map((record) => ({ record, type: "person" })),
  ];
  const items = all
    .filter(({ record, type }) => types.has(type) && !record.is_deleted && Number(record.indexed_at ?? 0) <= now())
    .map(({ record, type }) => ({
      id: record.id,
      type,
      custom_fields: fields.has("custom_fields") ? customTexts(record) : [],
      notes: fields.has("notes") ? notesOf(crm.notes, record, type) : [],
    }))
    .filter(({ custom_fields, notes }) =>
      [...custom_fields, ...notes].some((text) => text.toLowerCase().includes(term)),
    )
    .slice(0, Number(query.get("limit") ?? 100));
  return success({ items: items.map((item) => ({ result_score: 1, item })) });
}

/** In an object of their own, or at the top level for leads. */
function customTexts(record: CrmRecord): string[] {
  const nested = (record.custom_fields ?? {}) as object;
  const flat = Object.entries(record).filter(([key]) => /^[0-9a-f]{40}$/.test(key));
  return [...Object.values(nested), ...flat.map(([, value]) => value)].map(String);
}

function notesOf(notes: readonly CrmRecord[], { id }: CrmRecord, type: string): string[] {
  return notes.filter((note) => note[`${type}_id`] === id).map(({ content }) => String(content));
}
