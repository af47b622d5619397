import type { DeliveryContext, RemoteCopy } from "../../model/destination.ts";
import type { Outcome } from "../../model/outcome.ts";
import { answered } from "../shared/outcome-of.ts";
import { type Api, createApi, orNetworkOutcome, part, recordsPath } from "./api.ts";
import { isRefusal, verdict } from "./errors.ts";
import { type Contact, contactOfCopy, mayBeThere, type Trace } from "./find-copy.ts";
import { type Marked, markedRecords } from "./find-marked.ts";
import type { Options } from "./options.ts";
import { deal, noteRecord, type OwnRecord, ownMark } from "./own-record.ts";
import { searchMarked } from "./search-marked.ts";
import { stateOf } from "./work.ts";

/**
 * Removes a person from HubSpot: the notes and deals that leads of this program brought, then the contact, whoever made it. All
 * of the contact's leads lose their notes and deals with it, since the next erasure of that person would not find them any more.
 * Repeatable: what is gone already is fine.
 */
export function eraseFromHubSpot(copy: RemoteCopy, options: Options, context: DeliveryContext): Promise<Outcome> {
  if (!mayBeThere(copy)) return Promise.resolve({ type: "delivered" });
  return orNetworkOutcome(async () => {
    const api = createApi(options, context);
    const trace: Trace = { copy, options, context, api, state: stateOf(copy.progress) };
    const contact = await contactOfCopy(trace);
    if (contact !== null && "type" in contact) return contact;
    for (const kind of [noteRecord, deal]) {
      const ids = await ownRecords(trace, kind, contact?.isThere ? contact.id : null);
      if (!Array.isArray(ids)) return ids;
      for (const id of ids) {
        const trouble = await remove(api, recordsPath(kind.objectType, `/${part(id)}`), context.now());
        if (trouble) return trouble;
      }
    }
    if (contact === null) return { type: "delivered", warnings: ["nothing of this lead was found in HubSpot"] };
    return removeContact(trace, contact);
  });
}

/** Ids of what leads brought beside the contact. `contact` is null when it is not there any more: then they are searched for. */
async function ownRecords({ api, copy, context, options, state }: Trace, kind: OwnRecord, contact: string | null) {
  const now = context.now();
  const found =
    contact === null ? await searched(api, kind, copy.leadId, now) : await markedIn(api, kind, contact, now);
  // Without the option there are none, and the key may well have no right to look.
  const mayNotLook = !Array.isArray(found) && found.type === "blocked" && found.reason.status === 403;
  const isUnused = kind.step === "deal" && options.deal === undefined && state?.deal === undefined;
  if (mayNotLook && isUnused) return [];
  const known = state?.[kind.step]?.id;
  return Array.isArray(found) && known !== undefined ? [...new Set([known, ...found])] : found;
}

function markedIn(api: Api, kind: Marked, contact: string, now: number): Promise<string[] | Outcome> {
  return markedRecords({ api, contact, now }, kind, { text: ownMark });
}

/** Whether HubSpot's search finds an id inside a text is not documented, so that finding nothing is no trouble. */
async function searched(api: Api, { objectType, marked }: Marked, leadId: string, now: number) {
  const found = await searchMarked(api, { objectType, property: marked, operator: "CONTAINS_TOKEN", leadId }, now);
  return found === "unsearchable" ? [] : found;
}

/**
 * Per https://developers.hubspot.com/docs/api-reference/latest/crm/objects/contacts/gdpr/gdpr-delete-contact (read 2026-11). What
 * it answers for a contact that is gone is not documented; it is asked all the same, since one in the recycle bin is not shown.
 */
async function removeContact({ api, options, context }: Trace, { id, isThere }: Contact): Promise<Outcome> {
  const removed = { type: "delivered", ref: id } as const;
  if (options.erase === "archive") {
    return (await remove(api, recordsPath("contacts", `/${part(id)}`), context.now())) ?? removed;
  }
  const answer = await api.write("POST", recordsPath("contacts", "/gdpr-delete"), { objectId: id });
  if (answer.ok || answer.status === 404) return removed;
  if (!isThere && isRefusal(answer)) {
    return {
      ...removed,
      warnings: ["HubSpot does not show the contact; if it is in the recycle bin, delete it there"],
    };
  }
  const outcome = verdict(answer, context.now());
  if (!("reason" in outcome) || outcome.reason.code !== "forbidden") return outcome;
  const detail = ': the key may not delete for good; allow it, or set "erase" to "archive" or "by-hand"';
  return { type: "rejected", reason: answered(403, "forbidden", detail) };
}

async function remove(api: Api, path: string, now: number): Promise<Outcome | null> {
  const answer = await api.write("DELETE", path);
  return answer.ok || answer.status === 404 ? null : verdict(answer, now);
}
