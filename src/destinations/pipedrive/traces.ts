import * as z from "zod";
import type { RemoteCopy } from "../../model/destination.ts";
import type { Json } from "../../model/json.ts";
import { type Api, isStop, type Stop, search } from "./call.ts";
import { type Fields, fieldNamed } from "./fields.ts";
import { readPerson } from "./find-person.ts";
import {
  type FoundRecord,
  findDealOf,
  findLeadOf,
  notesOn,
  type RecordName,
  readRecord,
  recordNamed,
} from "./find-record.ts";
import { latestLeadField } from "./placing.ts";
import { notSeenYet, type Progress, progressOf } from "./progress.ts";

/** What there is of a lead at Pipedrive, by ids. */
const traces = z.object({
  notes: z.array(z.number()),
  records: z.array(
    z.union([
      z.object({ type: z.literal("lead"), id: z.string() }),
      z.object({ type: z.literal("deal"), id: z.number() }),
    ]),
  ),
  persons: z.array(z.number()),
  /** Why there may be a person none of these ids leads to; null when there is none. */
  lost: z.string().nullable(),
});
export type Traces = z.output<typeof traces>;

const hits = z.object({
  items: z.array(z.object({ item: z.object({ id: z.union([z.number(), z.string()]), type: z.string() }) })),
});
export type Hits = { records: FoundRecord[]; persons: number[] };

/** Traces as an earlier attempt saved them; null when it saved none. */
export function savedTraces(saved: Json): Traces | null {
  return traces.safeParse(saved).data ?? null;
}

/**
 * Finds what a delivery has left there: by the record's id, else among the records of the person it wrote to, else by the
 * lead's id in fields and notes, as when the lead has been made a deal of meanwhile. Nothing is believed to be missing while
 * a create may still be on its way.
 */
export async function findTraces(api: Api, fields: Fields, copy: RemoteCopy): Promise<Traces | Stop> {
  const progress = progressOf(copy.progress);
  const wait = waitForDoubts(progress, api);
  if (wait) return wait;
  const records = await findRecords(api, fields, copy, progress);
  if (isStop(records)) return records;
  const marked: Hits | Stop =
    records.length > 0 ? { records, persons: [] } : await findMarked(api, fields, copy.leadId);
  if (isStop(marked)) return marked;
  const notes = new Set(typeof progress.note?.id === "number" ? [progress.note.id] : []);
  for (const record of marked.records) {
    const own = await notesOn(api, copy.leadId, record);
    if (isStop(own)) return own;
    for (const id of own) notes.add(id);
  }
  const persons = await findPersons(api, progress, marked);
  if (isStop(persons)) return persons;
  const isLost = persons.length === 0 && marked.records.length === 0;
  return {
    notes: [...notes],
    records: marked.records.map(nameOf),
    persons,
    lost: isLost ? lostPerson(copy, progress, fields) : null,
  };
}

/** The name alone, as it is saved. */
function nameOf({ type, id }: FoundRecord): RecordName {
  return { type, id } as RecordName;
}

function waitForDoubts({ person, record, note }: Progress, { options, now }: Api): Stop | null {
  for (const [name, step] of Object.entries({ person, record, note })) {
    if (step?.at === undefined || step.id !== undefined) continue;
    const waitMs = step.at + options.searchLagMs - now();
    if (waitMs > 0) return notSeenYet(name, waitMs);
  }
  return null;
}

async function findRecords(
  api: Api,
  fields: Fields,
  { leadId, ref }: RemoteCopy,
  { record, person }: Progress,
): Promise<FoundRecord[] | Stop> {
  const named = ref ?? record?.id;
  const names = named === undefined ? await recordsOf(api, fields, leadId, person) : [recordNamed(named)];
  if (isStop(names)) return names;
  const found: FoundRecord[] = [];
  for (const name of names) {
    const record = await readRecord(api, fields, leadId, name);
    if (isStop(record)) return record;
    if (record) found.push(record);
  }
  return found;
}

async function recordsOf(
  api: Api,
  fields: Fields,
  lead: RemoteCopy["leadId"],
  step: Progress["person"],
): Promise<RecordName[] | Stop> {
  const person = step?.id ?? step?.lastId;
  if (typeof person !== "number") return [];
  const inInbox = await findLeadOf(api, lead, person);
  if (isStop(inInbox)) return inInbox;
  const deal = await findDealOf(api, fields, lead, person);
  if (isStop(deal)) return deal;
  return [inInbox, deal].filter((id) => id !== null).map(recordNamed);
}

/** Searches for the lead's id, per https://developers.pipedrive.com/docs/api/v1/ItemSearch (read 2026-11); a hit counts when it bears it. */
export async function findMarked(api: Api, fields: Fields, lead: RemoteCopy["leadId"]): Promise<Hits | Stop> {
  const query = { term: lead, item_types: "lead,deal,person", fields: "custom_fields,notes", limit: 50 };
  const answer = await search(api, "v2/itemSearch", query, hits);
  if (isStop(answer)) return answer;
  const found: Hits = { records: [], persons: [] };
  for (const { item } of answer.data.items) {
    if (item.type === "person") {
      const person = await readPerson(api, Number(item.id), false);
      if (isStop(person)) return person;
      const field = fieldNamed(fields.person, latestLeadField);
      if (person && field && person.custom_fields?.[field.code] === lead) found.persons.push(person.id);
    } else if (item.type === "lead" || item.type === "deal") {
      const record = await readRecord(api, fields, lead, recordNamed(item.id));
      if (isStop(record)) return record;
      const notes = record ? await notesOn(api, lead, record) : [];
      if (isStop(notes)) return notes;
      if (record && (record.isMarked || notes.length > 0)) found.records.push(record);
    }
  }
  return found;
}

/**
 * The person the lead was written to. One who is not there any more may have been merged: everything of theirs is then the
 * other's (https://pipedrive.readme.io/docs/merging-two-persons, read 2026-11), whom the record leads to.
 */
async function findPersons(api: Api, progress: Progress, { records, persons }: Hits): Promise<number[] | Stop> {
  const known = progress.person?.id ?? progress.person?.lastId;
  if (typeof known === "number") {
    const person = await readPerson(api, known, false);
    if (isStop(person)) return person;
    if (person) return [known];
  }
  return [...new Set([...records.flatMap(({ person }) => person ?? []), ...persons])];
}

/** Whether, with nothing found, a person may be there all the same. */
function lostPerson({ ref }: RemoteCopy, { person }: Progress, { person: fields }: Fields): string | null {
  if (ref !== null) return "its lead or deal is not in Pipedrive any more, and so its person cannot be found from here";
  const isInDoubt = person?.at !== undefined && person.id === undefined;
  // With the field, a person who was added bears the lead's id and has been searched for.
  if (!isInDoubt || fieldNamed(fields, latestLeadField)) return null;
  return `a person may have been added about ${new Date(person?.at ?? 0).toISOString()}`;
}
