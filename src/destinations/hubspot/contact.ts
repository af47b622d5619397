import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import type { Outcome } from "../../model/outcome.ts";
import { answered } from "../shared/outcome-of.ts";
import { type Answer, part, recordsPath } from "./api.ts";
import { existingId, failedLook, propertyErrors, unreadable, verdict } from "./errors.ts";
import { phoneKey } from "./own-properties.ts";
import { phoneContactOf, type SearchTarget, searchPhoneContact } from "./phone-contact.ts";
import { forgetProperties, type Prepared, type Values } from "./properties.ts";
import { drop, droppable, note, refusedForUnknown, type Step, type Work, wanted, without } from "./work.ts";

/** A property whose values are unique, and the value that names this contact. */
type Key = { property: string; value: string };
type Target = Key | SearchTarget;

/** `again`: the contact aimed at is not the one to write to any more. Null: done. */
type Turn = Outcome | "again" | null;

const record = z.object({ id: z.string().min(1) });
const heldContact = z.object({
  id: z.string().min(1),
  properties: z.record(z.string(), z.string().nullable()),
  createdAt: z.string().optional(),
});
type Held = z.infer<typeof heldContact>;

/** Contacts merged or deleted under our hands are followed so far. */
const mostTurns = 4;
const mostRepairs = 20;
const lookAgainMs = 1_000;

/**
 * Brings the person into HubSpot, once: updated by e-mail; created when HubSpot has none; and when it says on creation that
 * somebody has that address already (as a second one, or since a moment ago), that contact is updated instead. Never an
 * upsert of one, since HubSpot has no partial upsert by e-mail, per
 * https://developers.hubspot.com/docs/api-reference/latest/crm/objects/contacts/guide (read 2026-11).
 */
export const contactStep: Step = async (work) => {
  if (work.state.contact !== undefined) return null;
  for (let turn = 0; turn < mostTurns; turn += 1) {
    const target = keyOf(work) ?? (await searchPhoneContact(work));
    if ("type" in target) return target;
    const result = await updateOrCreate(work, target);
    if (result !== "again") return result;
  }
  const message = "the contacts of this person changed while they were written, or HubSpot blocks the address";
  return { type: "retry", reason: { code: "conflict", message } };
};

/** Null when this person's contact has no unique property: it has to be searched for. */
function keyOf({ lead, properties, state }: Work): Key | null {
  if (lead.email !== null && !state.dropped.contacts.includes("email")) return { property: "email", value: lead.email };
  if (lead.phone === null || properties.contacts?.get(phoneKey)?.unique !== true) return null;
  return { property: phoneKey, value: lead.phone };
}

async function updateOrCreate(work: Work, target: Target): Promise<Turn> {
  if ("nobody" in target) return create(work, null);
  const updated = await update(work, target);
  if (updated !== "nobody") return updated;
  if ("id" in target) {
    phoneContactOf(work).forget();
    return "again";
  }
  // One from before the property was made has no value in it yet, and gets it now.
  const older = target.property === phoneKey ? await searchPhoneContact(work, target) : null;
  if (older === null || "nobody" in older) return create(work, target);
  if ("type" in older) return older;
  const given = await update(work, older);
  return given === "nobody" ? create(work, target) : given;
}

async function update(work: Work, target: Key | { id: string }): Promise<Turn | "nobody"> {
  const values = wanted(work, "contacts");
  if (refusedForUnknown(work)) return refusedForUnknown(work);
  const held = needsReading(work, values) ? await read(work, target, values) : null;
  if (held === "nobody") return (await appearsLater(work)) ? update(work, target) : held;
  if (held !== null && "type" in held) return held;
  const key = keyOf(work);
  const ownKey: Values = key?.property === phoneKey ? { [phoneKey]: key.value } : {};
  const changes = { ...(held ? changesTo(held, work, values) : values.always), ...ownKey };
  if (held && Object.keys(changes).length === 0) return contactIs(work, held.id);
  const answer = await write(work, "PATCH", pathOf(held ? { id: held.id } : target), changes);
  if (answer === "again" || "type" in answer) return answer;
  if (answer.status === 404) return (await appearsLater(work)) ? update(work, target) : "nobody";
  return settled(work, answer);
}

async function create(work: Work, key: Key | null): Promise<Turn> {
  const { always, ifEmpty, onCreate } = wanted(work, "contacts");
  if (refusedForUnknown(work)) return refusedForUnknown(work);
  const values = { ...onCreate, ...ifEmpty, ...always, ...(key ? { [key.property]: key.value } : {}) };
  const answer = await write(work, "POST", recordsPath("contacts"), values, key?.property);
  if (answer === "again" || "type" in answer) return answer;
  const existing = existingId(answer);
  if (existing !== null) {
    const updated = await update(work, { id: existing });
    return updated === "nobody" ? "again" : updated;
  }
  // Somebody else created it a moment ago, and HubSpot does not say which one it is.
  if (answer.status === 409 && key !== null) return "again";
  return settled(work, answer);
}

/** A write, repeated without what HubSpot does not take. `again`: not even the e-mail, but the person has a phone. */
async function write(
  work: Work,
  method: "POST" | "PATCH",
  path: string,
  values: Values,
  key?: string,
): Promise<Answer | Outcome | "again"> {
  let left = method === "POST" ? withName(work, values) : values;
  for (let repairs = 0; ; repairs += 1) {
    const answer = await work.api.write(method, path, { properties: left });
    if (answer.status !== 400 || repairs === mostRepairs) return answer;
    const errors = propertyErrors(answer.body);
    const names = droppable(errors, left, key);
    if (names.length === 0 && key !== undefined && existingId(answer) !== null) return answer;
    if (errors.some(({ name }) => name === "email")) return refusedEmail(work);
    if (names.length === 0) return answer;
    forgetProperties(work.options);
    drop(work, "contacts", names);
    const refused = refusedForUnknown(work);
    if (refused) return refused;
    left = without(left, new Set(names));
    if (method === "POST") left = withName(work, left);
  }
}

/** A contact needs an e-mail or a name. */
function withName({ lead, state }: Work, values: Values): Values {
  if (values.email || values.firstname || values.lastname || lead.phone === null) return values;
  return { ...values, [state.dropped.contacts.includes("lastname") ? "firstname" : "lastname"]: lead.phone };
}

/** The person can still be called; one who cannot is for people to look at. */
function refusedEmail(work: Work): Outcome | "again" {
  const refused = work.lead.phone === null || work.state.dropped.contacts.includes("email");
  drop(work, "contacts", ["email"]);
  const reason = answered(400, "invalid_email", ": HubSpot does not take this e-mail address");
  return refused ? { type: "rejected", reason } : (refusedForUnknown(work) ?? "again");
}

function needsReading({ context, state }: Work, { always, ifEmpty }: Prepared["values"]): boolean {
  const nothingElse = Object.keys(always).length === 0;
  return context.superseded || state.bulk === true || nothingElse || Object.keys(ifEmpty).length > 0;
}

async function read(
  work: Work,
  target: Key | { id: string },
  { always, ifEmpty, onCreate }: Prepared["values"],
): Promise<Held | Outcome | "nobody"> {
  const names = Object.keys({ ...always, ...ifEmpty, ...onCreate });
  const path = pathOf(target);
  const answer = await work.api.look("GET", `${path}${path.includes("?") ? "&" : "?"}properties=${names.join()}`);
  if (answer.status === 404) return "nobody";
  const held = answer.ok ? heldContact.safeParse(answer.body).data : undefined;
  return held ?? failedLook(answer, work.context.now());
}

/** What is written to a contact that was read first: an older lead fills gaps, a newer one overwrites what it may. */
function changesTo(
  held: Held,
  { context, lead, state }: Work,
  { always, ifEmpty, onCreate }: Prepared["values"],
): Values {
  const gaps = (values: Values) =>
    Object.fromEntries(Object.entries(values).filter(([name]) => !held.properties[name]));
  const ownBatchMadeIt = state.bulk === true && Date.parse(held.createdAt ?? "") >= lead.receivedAt;
  return {
    ...(ownBatchMadeIt ? gaps(onCreate) : {}),
    ...gaps(ifEmpty),
    ...(context.superseded ? gaps(always) : always),
  };
}

/** HubSpot turns a form submission into a contact a moment later; a contact of our own would lose the form's attribution. */
async function appearsLater(work: Work): Promise<boolean> {
  if (work.looksForFormContact === 0) return false;
  work.looksForFormContact -= 1;
  await sleep(lookAgainMs, undefined, { signal: work.context.signal }).catch(() => {});
  return true;
}

function settled(work: Work, answer: Answer): Outcome | null {
  if (!answer.ok) return verdict(answer, work.context.now());
  const written = record.safeParse(answer.body).data;
  return written ? contactIs(work, written.id) : unreadable(answer);
}

function contactIs(work: Work, id: string): null {
  note(work, { contact: id, bulk: undefined, creating: undefined });
  if (keyOf(work) === null) phoneContactOf(work).remember(id);
  return null;
}

function pathOf(target: Key | { id: string }): string {
  if ("id" in target) return recordsPath("contacts", `/${part(target.id)}`);
  return recordsPath("contacts", `/${part(target.value)}?idProperty=${target.property}`);
}
