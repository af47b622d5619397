import * as z from "zod";
import type { Outcome } from "../../model/outcome.ts";
import { apiVersion, recordsPath } from "./api.ts";
import { failedLook } from "./errors.ts";
import type { OwnRecord } from "./own-record.ts";
import type { Work } from "./work.ts";

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
export async function findMarked(
  work: Work,
  { objectType, marked }: Pick<OwnRecord, "objectType" | "marked">,
): Promise<{ id: string | null } | Outcome> {
  const ids = await associatedIds(work, objectType);
  if (!Array.isArray(ids)) return ids;
  for (let i = 0; i < ids.length; i += readAtOnce) {
    const inputs = ids.slice(i, i + readAtOnce).map((id) => ({ id }));
    const answer = await work.api.look("POST", recordsPath(objectType, "/batch/read"), {
      properties: [marked],
      inputs,
    });
    const read = answer.ok ? records.safeParse(answer.body).data : undefined;
    if (!read) return failedLook(answer, work.context.now());
    const found = read.results.find(({ properties }) => properties[marked]?.includes(work.lead.id));
    if (found) return { id: found.id };
    const before = work.lead.receivedAt - clockSkewMs;
    if (read.results.length > 0 && read.results.every(({ createdAt }) => Date.parse(createdAt ?? "") < before)) break;
  }
  return { id: null };
}

/** Ids of the contact's records of one type, the newest first. */
async function associatedIds(work: Work, objectType: string): Promise<string[] | Outcome> {
  const ids: string[] = [];
  let after: string | undefined;
  for (let page = 0; page < mostPages; page += 1) {
    const path = `/crm/associations/${apiVersion}/contacts/${objectType}/batch/read`;
    const input = { id: work.state.contact, ...(after === undefined ? {} : { after }) };
    const answer = await work.api.look("POST", path, { inputs: [input] });
    const read = answer.ok ? associated.safeParse(answer.body).data : undefined;
    const hasFailed = read?.errors?.some((error) => !JSON.stringify(error).includes("NO_ASSOCIATIONS_FOUND"));
    if (!read || hasFailed) return failedLook(answer, work.context.now());
    ids.push(...read.results.flatMap(({ to }) => to.map(({ toObjectId }) => toObjectId)));
    after = read.results[0]?.paging?.next?.after;
    if (after === undefined) break;
  }
  return [...new Set(ids)].sort((a, b) => b.length - a.length || b.localeCompare(a));
}
