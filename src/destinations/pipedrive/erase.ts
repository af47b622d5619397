import type { DeliveryContext, RemoteCopy } from "../../model/destination.ts";
import type { Json } from "../../model/json.ts";
import type { Outcome } from "../../model/outcome.ts";
import { accountOf } from "./account.ts";
import { type Api, isRefusal, isStop, remove, type Stop } from "./call.ts";
import { byHand } from "./errors.ts";
import { readFields } from "./fields.ts";
import type { RecordName } from "./find-record.ts";
import type { Options } from "./options.ts";
import { findTraces, savedTraces, type Traces } from "./traces.ts";

const keptFor = "Pipedrive keeps what was deleted for 30 days, then it is gone for good";

/** One thing to delete: what people call it, and its path. */
type Thing = { name: string; path: string; person?: number };

/**
 * Deletes what a lead has become: its note, the lead or deal, and last the person, through whom the others are found. What
 * was found is saved before anything is deleted, so that a repeat knows it. Deleted persons and deals are gone for good after
 * 30 days, per https://developers.pipedrive.com/changelog/post/permanent-deletion-logic-for-6-core-entities (read 2026-11).
 */
export async function erase(copy: RemoteCopy, options: Options, context: DeliveryContext): Promise<Outcome> {
  const api: Api = { options, account: accountOf(options, context.now()), ...context };
  const traces = savedTraces(context.progress) ?? (await look(api, copy));
  if (isStop(traces)) return traces.stop;
  await context.save(traces as Json);
  const refused = await removeAll(api, thingsIn(traces, options));
  if (isStop(refused)) return refused.stop;
  if (refused.length > 0)
    return byHand(`Pipedrive did not let the token's user delete ${refused.join(", ")}: delete them there`);
  if (options.erase === "person" && traces.lost !== null)
    return byHand(`${traces.lost}: look for them by name or address in Pipedrive, and delete them there`);
  return { type: "delivered", warnings: warningsOn(traces, options) };
}

async function look(api: Api, copy: RemoteCopy): Promise<Traces | Stop> {
  const fields = await readFields(api);
  return isStop(fields) ? fields : findTraces(api, fields, copy);
}

/** Paths per https://developers.pipedrive.com/docs/api/v1 (read 2026-11): notes and leads are version 1's. */
function thingsIn({ notes, records, persons }: Traces, options: Options): Thing[] {
  return [
    ...notes.map((id) => ({ name: `note ${id}`, path: `v1/notes/${id}` })),
    ...records.map((record) => ({ name: `${record.type} ${record.id}`, path: pathOf(record) })),
    ...(options.erase === "person" ? persons : []).map((id) => ({
      name: `person ${id}`,
      path: `v2/persons/${id}`,
      person: id,
    })),
  ];
}

function pathOf(record: RecordName): string {
  return record.type === "lead" ? `v1/leads/${encodeURIComponent(record.id)}` : `v2/deals/${record.id}`;
}

/** Names of what the token's user may not delete, or nobody as long as it is archived. */
async function removeAll(api: Api, things: readonly Thing[]): Promise<string[] | Stop> {
  const refused: string[] = [];
  for (const { name, path, person } of things) {
    const end = await remove(api, path);
    if (end && !isRefusal(end)) return end;
    if (end) refused.push(name);
    else if (person !== undefined) api.account.persons.forgetValue(person);
  }
  return refused;
}

function warningsOn({ notes, records, persons }: Traces, options: Options): string[] {
  const hasRecord = notes.length + records.length > 0;
  const warnings: string[] = [];
  if (options.erase === "own-records") warnings.push("the person stays in Pipedrive, as the option `erase` says");
  else if (hasRecord && persons.length === 0) warnings.push("the lead had no person in Pipedrive any more");
  if (hasRecord || (options.erase === "person" && persons.length > 0)) warnings.push(keptFor);
  else warnings.push("nothing of this lead was found in Pipedrive");
  return warnings;
}
