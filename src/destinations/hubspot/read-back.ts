import * as z from "zod";
import type { Delivered, Presence, SyncContext } from "../../model/destination.ts";
import type { DeliveryId } from "../../model/id.ts";
import type { Outcome } from "../../model/outcome.ts";
import { orUnknown, seenAs, unknownFor } from "../shared/presence.ts";
import { type Answer, type Api, createApi, part, recordsPath } from "./api.ts";
import { failedLook } from "./errors.ts";
import type { Options } from "./options.ts";
import { searchMarked } from "./search-marked.ts";

/** Most records of one batch, per https://developers.hubspot.com/docs/api-reference/latest/crm/objects/contacts/guide (read 2026-11). */
const mostAtOnce = 100;

/** A form submission becomes a contact, and search shows it, within seconds; a contact that is looked for by address gets longer. */
const youngMs = 600_000;

const text = z.string().nullish().catch(null);
const contact = z.object({
  id: z.string().min(1),
  archived: z.boolean().optional(),
  properties: z
    .object({
      email: text,
      hs_additional_emails: text,
      hs_merged_object_ids: text,
      hs_calculated_merged_vids: text,
    })
    .catch({}),
});
type Contact = z.infer<typeof contact>;
const batch = z.object({
  results: z.array(contact),
  errors: z.array(z.object({ category: text, context: z.object({ ids: z.array(z.string()) }).optional() })).optional(),
});

/** How contacts are asked for: by what names them, and which of the asked names a contact answers to. */
type Way = { idProperty?: "email"; namesOf(contact: Contact): string[] };

const byId: Way = {
  namesOf: ({ id, properties: { hs_merged_object_ids: merged, hs_calculated_merged_vids: vids } }) => [
    id,
    // "101;102", and "101:1700000000000;102:…"
    ...`${merged ?? ""};${vids ?? ""}`.split(";").flatMap((one) => one.split(":")[0]?.trim() || []),
  ],
};
const byEmail: Way = {
  idProperty: "email",
  namesOf: ({ properties: { email, hs_additional_emails: more } }) =>
    `${email ?? ""};${more ?? ""}`.split(";").flatMap((one) => one.trim().toLowerCase() || []),
};

/** One name that was asked for: the contact it leads to now; null: certainly none. */
type Found = string | null | Presence;

/**
 * Looks whether the contacts of delivered leads are there, a hundred in a call. The contact is what a delivery's `ref` names;
 * notes and deals are people's to tidy up. A contact that was merged is shown under the id of what it was merged into, per
 * https://developers.hubspot.com/changelog/updated-merge-functionality-for-contacts-and-companies (read 2026-11). A lead without a
 * contact's id is looked for by its address, and by its own id in `lead_submission_id`.
 */
export async function readBackFromHubSpot(
  deliveries: readonly Delivered[],
  options: Options,
  context: SyncContext,
): Promise<ReadonlyMap<DeliveryId, Presence>> {
  const api = createApi(options, context);
  const now = context.now();
  const presences = new Map<DeliveryId, Presence>();
  const named = deliveries.filter(({ ref }) => contactId(ref) !== null);
  const ids = await lookUp(
    api,
    byId,
    named.map(({ ref }) => ref ?? ""),
    now,
  );
  for (const { deliveryId, ref } of named) presences.set(deliveryId, presenceOf(ids.get(ref ?? ""), ref));
  const nameless = deliveries.filter(({ ref }) => contactId(ref) === null);
  const emails = await lookUp(
    api,
    byEmail,
    nameless.flatMap(({ lead }) => lead.email?.toLowerCase() ?? []),
    now,
  );
  for (const delivered of nameless) {
    const found = emails.get(delivered.lead.email?.toLowerCase() ?? "") ?? null;
    const presence = found === null ? await searched(api, delivered, now) : presenceOf(found, null);
    presences.set(delivered.deliveryId, presence);
  }
  return presences;
}

/** Null for what is no id of a contact: one wrong id would have HubSpot refuse the whole batch. */
function contactId(ref: string | null): string | null {
  return ref !== null && /^\d+$/.test(ref) ? ref : null;
}

function presenceOf(found: Found | undefined, ref: string | null): Presence {
  if (found === undefined) return { type: "unknown", reason: notAsked };
  if (found === null) return { type: "missing" };
  return typeof found === "string" ? seenAs(found, ref) : found;
}

const notAsked = { code: "not_answered", message: "HubSpot's answer does not speak of this contact" };

/** Every name once, a hundred in a call. When one call fails, so would the next: the rest is not asked for. */
async function lookUp(api: Api, way: Way, names: readonly string[], now: number): Promise<Map<string, Found>> {
  const found = new Map<string, Found>();
  const left = [...new Set(names)];
  while (left.length > 0) {
    const asked = left.splice(0, mostAtOnce);
    const trouble = await orUnknown(() => lookUpBatch(api, way, asked, found, now));
    if (trouble === null) continue;
    for (const name of [...asked, ...left.splice(0)]) if (!found.has(name)) found.set(name, trouble);
  }
  return found;
}

/** Null when each of the names has its answer. */
async function lookUpBatch(
  api: Api,
  { idProperty, namesOf }: Way,
  asked: readonly string[],
  found: Map<string, Found>,
  now: number,
): Promise<Presence | null> {
  const answer = await api.look("POST", recordsPath("contacts", "/batch/read"), {
    properties: ["email", "hs_additional_emails", "hs_merged_object_ids", "hs_calculated_merged_vids"],
    ...(idProperty === undefined ? {} : { idProperty }),
    inputs: asked.map((id) => ({ id })),
  });
  const read = answer.ok ? batch.safeParse(answer.body).data : undefined;
  if (!read) return failed(answer, now);
  const wanted = new Set(asked);
  for (const one of read.results) {
    if (one.archived) continue;
    // Its own id last: what it was merged from is the news.
    for (const name of namesOf(one).reverse()) if (wanted.has(name)) found.set(name, one.id);
  }
  for (const { category, context } of read.errors ?? []) {
    if (category !== "OBJECT_NOT_FOUND") continue;
    for (const name of context?.ids ?? []) {
      const key = idProperty === "email" ? name.toLowerCase() : name;
      if (wanted.has(key) && !found.has(key)) found.set(key, null);
    }
  }
  // What the answer passes over may have been merged more than once, which no contact tells of: asked for one by one.
  for (const name of asked) {
    if (found.has(name)) continue;
    const one = await lookAtOne(api, name, idProperty, now);
    if (typeof one === "object" && one !== null) return one;
    found.set(name, one);
  }
  return null;
}

async function lookAtOne(api: Api, name: string, idProperty: Way["idProperty"], now: number): Promise<Found> {
  const query = idProperty === undefined ? "" : `?idProperty=${idProperty}`;
  const answer = await api.look("GET", recordsPath("contacts", `/${part(name)}${query}`));
  if (answer.status === 404) return null;
  const shown = answer.ok ? contact.safeParse(answer.body).data : undefined;
  if (!shown) return failed(answer, now);
  return shown.archived ? null : shown.id;
}

/** By the lead's own id, since people correct addresses. Finding nothing is believed of leads that are not quite new. */
async function searched(api: Api, { leadId, receivedAt }: Delivered, now: number): Promise<Presence> {
  const sought = { objectType: "contacts", property: "lead_submission_id", operator: "EQ", leadId } as const;
  return orUnknown(async () => {
    const found = await searchMarked(api, sought, now);
    if (Array.isArray(found) && found[0] !== undefined) return seenAs(found[0], null);
    if (!Array.isArray(found) && found !== "unsearchable") return outcomePresence(found);
    if (now - receivedAt >= youngMs) return { type: "missing" };
    return { type: "unknown", reason: notShownYet, waitMs: youngMs - (now - receivedAt) };
  });
}

const notShownYet = { code: "not_shown_yet", message: "HubSpot does not show the contact, and may not do so yet" };

function failed(answer: Answer, now: number): Presence {
  return outcomePresence(failedLook(answer, now));
}

function outcomePresence(outcome: Outcome): Presence {
  return outcome.type === "delivered" ? { type: "unknown", reason: notAsked } : unknownFor(outcome);
}
