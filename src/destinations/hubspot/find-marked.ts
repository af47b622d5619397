import * as z from "zod";
import type { Outcome } from "../../model/outcome.ts";
import { type Api, apiVersion, recordsPath } from "./api.ts";
import { failedLook } from "./errors.ts";
import type { OwnRecord } from "./own-record.ts";
import type { Work } from "./work.ts";

/** Where a contact's records are looked for. `now` in epoch milliseconds. */
type Place = { api: Api; contact: string; now: number };

/** What is looked for: records whose text holds this; older ones than `since` and more than `most` are not wanted. */
type Sought = { text: string; since?: number; most?: number };

/** The type of a lead's own records, and the property that holds the lead's id. */
export type Marked = Pick<OwnRecord, "objectType" | "marked">;

const associated = z.object({
  results: z.array(
    z.object({
      to: z.array(z.object({ toObjectId: z.coerce.string() })),
      paging: z.object({ next: z.object({ after: z.string() }).optional() }).optional(),
    }),
  ),
  errors: z.array(z.object({ subCategory: z.unknown(), message: z.string().optional() })).optional(),
});
const records = z.object({
  results: z.array(
    z.object({
      id: z.string(),
      createdAt: z.string().optional(),
      properties: z.record(z.string(), z.string().nullable()).catch({}),
    }),
  ),
});

/** Notes are long: a hundred of them would be a body of megabytes. */
const readAtOnce = 20;
const mostPages = 20;
const clockSkewMs = 3_600_000;

/**
 * Looks among a contact's deals or notes for the one that holds this lead's id. Associations are read, not searched: unlike
 * search they do not trail behind. `id: null` means certainly none; a look that failed is an outcome.
 */
export async function findMarked(work: Work, kind: Marked): Promise<{ id: string | null } | Outcome> {
  const { api, lead, state, context } = work;
  const place = { api, contact: state.contact ?? "", now: context.now() };
  const found = await markedRecords(place, kind, { text: lead.id, since: lead.receivedAt, most: 1 });
  return Array.isArray(found) ? { id: found[0] ?? null } : found;
}

/** Ids of a contact's deals or notes that hold a text, the newest first. */
export async function markedRecords(
  place: Place,
  { objectType, marked }: Marked,
  { text, since = Number.NEGATIVE_INFINITY, most = Number.POSITIVE_INFINITY }: Sought,
): Promise<string[] | Outcome> {
  const ids = await associatedIds(place, objectType);
  if (!Array.isArray(ids)) return ids;
  const found: string[] = [];
  for (let i = 0; i < ids.length && found.length < most; i += readAtOnce) {
    const inputs = ids.slice(i, i + readAtOnce).map((id) => ({ id }));
    const body = { properties: [marked], inputs };
    const answer = await place.api.look("POST", recordsPath(objectType, "/batch/read"), body);
    const read = answer.ok ? records.safeParse(answer.body).data : undefined;
    if (!read) return failedLook(answer, place.now);
    found.push(...read.results.flatMap(({ id, properties }) => (properties[marked]?.includes(text) ? [id] : [])));
    const before = since - clockSkewMs;
    if (read.results.length > 0 && read.results.every(({ createdAt }) => Date.parse(createdAt ?? "") < before)) break;
  }
  return found;
}

/** Ids of the contact's records of one type, the newest first. */
async function associatedIds({ api, contact, now }: Place, objectType: string): Promise<string[] | Outcome> {
  const ids: string[] = [];
  let after: string | undefined;
  for (let page = 0; page < mostPages; page += 1) {
    const path = `/crm/associations/${apiVersion}/contacts/${objectType}/batch/read`;
    const input = { id: contact, ...(after === undefined ? {} : { after }) };
    const answer = await api.look("POST", path, { inputs: [input] });
    const read = answer.ok ? associated.safeParse(answer.body).data : undefined;
    const hasFailed = read?.errors?.some((error) => !JSON.stringify(error).includes("NO_ASSOCIATIONS_FOUND"));
    if (!read || hasFailed) return failedLook(answer, now);
    ids.push(...read.results.flatMap(({ to }) => to.map(({ toObjectId }) => toObjectId)));
    after = read.results[0]?.paging?.next?.after;
    if (after === undefined) break;
  }
  return [...new Set(ids)].sort((a, b) => b.length - a.length || b.localeCompare(a));
}
