import * as z from "zod";
import type { LeadId } from "../../model/id.ts";
import { type Api, isGone, isStop, read, type Stop } from "./call.ts";
import { everyPage, type Fields, fieldNamed } from "./fields.ts";
import { leadIdField } from "./placing.ts";

/** A lead in the Leads Inbox, or a deal. */
export type RecordName = { type: "lead"; id: string } | { type: "deal"; id: number };

/** A record, the person it is of now, and whether it says by itself that it is the lead's. */
export type FoundRecord = RecordName & { person: number | null; isMarked: boolean };

const leadItem = z.looseObject({ id: z.string(), person_id: z.number().nullish(), origin_id: z.string().nullish() });
export const dealItem = z.object({
  id: z.number(),
  title: z.string().nullish(),
  person_id: z.number().nullish(),
  is_deleted: z.boolean().nullish(),
  custom_fields: z.record(z.string(), z.json()).nullish(),
});
const noteItem = z.object({ id: z.number(), content: z.string().nullish() });

/** Newest first: what is looked for was made moments ago. */
const newestLeads = { sort: "add_time DESC" };

/**
 * A deal has no `origin_id` to set (https://developers.pipedrive.com/docs/api/v1/Deals, read 2026-11). It is known again by
 * the field "Lead ID"; where an account has none, by this at the end of its title.
 */
export function referenceOf(lead: LeadId): string {
  return `[${lead.slice(-12)}]`;
}

/** The record a delivery's `ref` names: a lead's id there is a UUID, a deal's a number. */
export function recordNamed(ref: string | number): RecordName {
  return /^\d+$/.test(String(ref)) ? { type: "deal", id: Number(ref) } : { type: "lead", id: String(ref) };
}

/** The lead's record in the Leads Inbox among those of a person; null when there is none. */
export async function findLeadOf(api: Api, lead: LeadId, person: number): Promise<string | null | Stop> {
  const leads = await everyPage(api, "v1/leads", { person_id: person, ...newestLeads }, leadItem);
  return isStop(leads) ? leads : (leads.find(({ origin_id }) => origin_id === lead)?.id ?? null);
}

/** The lead's deal among those of a person; null when there is none. */
export async function findDealOf(
  api: Api,
  fields: Fields,
  lead: LeadId,
  person: number,
): Promise<number | null | Stop> {
  const query = { person_id: person, sort_by: "id", sort_direction: "desc" };
  const deals = await everyPage(api, "v2/deals", query, dealItem);
  return isStop(deals) ? deals : (deals.find((deal) => isMarkedDeal(deal, fields, lead))?.id ?? null);
}

/** The record as it is now; null when it is not there any more. */
export async function readRecord(
  api: Api,
  fields: Fields,
  lead: LeadId,
  record: RecordName,
): Promise<FoundRecord | null | Stop> {
  if (record.type === "lead") {
    const answer = await read(api, `v1/leads/${encodeURIComponent(record.id)}`, {}, leadItem);
    if (isStop(answer)) return isGone(answer) ? null : answer;
    const { person_id = null, origin_id } = answer.data;
    const field = fieldNamed(fields.deal, leadIdField);
    const isMarked = origin_id === lead || (field !== undefined && answer.data[field.code] === lead);
    return { ...record, person: person_id, isMarked };
  }
  const answer = await read(api, `v2/deals/${record.id}`, {}, dealItem);
  if (isStop(answer)) return isGone(answer) ? null : answer;
  const { person_id = null, is_deleted } = answer.data;
  return is_deleted ? null : { ...record, person: person_id, isMarked: isMarkedDeal(answer.data, fields, lead) };
}

/** Ids of the notes on a record that are the lead's: ours ends with its id. */
export async function notesOn(api: Api, lead: LeadId, { type, id }: RecordName): Promise<number[] | Stop> {
  const notes = await everyPage(api, "v1/notes", { [`${type}_id`]: id, sort: "add_time ASC" }, noteItem);
  return isStop(notes) ? notes : notes.filter(({ content }) => content?.includes(lead)).map((note) => note.id);
}

/** True when a deal says by itself that it is the lead's. */
export function isMarkedDeal(
  { title, custom_fields }: z.output<typeof dealItem>,
  { deal }: Fields,
  lead: LeadId,
): boolean {
  const field = fieldNamed(deal, leadIdField);
  return (field !== undefined && custom_fields?.[field.code] === lead) || (title?.endsWith(referenceOf(lead)) ?? false);
}
