import * as z from "zod";
import type { Json } from "../../model/json.ts";
import type { Lead } from "../../model/lead.ts";
import { isStop, type Stop } from "./call.ts";
import { shortened } from "./convert.ts";
import { fieldNamed } from "./fields.ts";
import { findPersons, type Person, personKey, readPerson, recogniserOf, valuesOf } from "./find-person.ts";
import { statusWanted } from "./marketing.ts";
import { matcherOf } from "./phones.ts";
import { latestLeadField, type Placed } from "./placing.ts";
import { once } from "./progress.ts";
import { builtIn, type Session, writeWhatIsTaken } from "./session.ts";

const written = z.object({ id: z.number() });

/**
 * Finds the person by exact address (or number, when the lead has no address) and brings them up to date, or creates them.
 * Leads that mean the same person at Pipedrive go one after the other.
 */
export function personOf(session: Session, organization: number | null): Promise<number | Stop> {
  const { api, lead } = session;
  return api.account.inTurn(`person known as ${personKey(lead)}`, async () => {
    const id = await once(session, "person", {
      shared: `person ${personKey(lead)}`,
      look: (inDoubt) => findAndUpdate(session, organization, inDoubt),
      create: () => create(session, organization),
    });
    if (!isStop(id)) api.account.persons.set(personKey(lead), id, api.now());
    return id;
  });
}

/** How the person is called; their address or number when they gave no name. */
export function nameOf({ name, firstName, lastName, email, phone }: Lead): string {
  const parts = [firstName, lastName].filter((part) => part !== null && part !== "").join(" ");
  return shortened((name ?? parts) || (email ?? phone ?? "Unknown"));
}

/** What a new person is, without what may be left out. */
export function newPerson(lead: Lead, organization: number | string | null): Record<string, Json> {
  return {
    name: nameOf(lead),
    ...(organization === null ? {} : { org_id: organization }),
    ...(lead.email ? { emails: [{ value: lead.email, primary: true, label: "work" }] } : {}),
    ...(lead.phone ? { phones: [{ value: shortened(lead.phone), primary: true, label: "work" }] } : {}),
  };
}

async function create(session: Session, organization: number | null): Promise<number | Stop> {
  const { lead, options } = session;
  const answer = await writeWhatIsTaken(session, {
    method: "POST",
    path: "v2/persons",
    essential: newPerson(lead, organization),
    extras: [
      ...mappedOf(session),
      ...builtIn("person", "owner_id", options.owner),
      ...builtIn("person", "marketing_status", statusWanted(session) === "subscribed" ? "subscribed" : undefined),
    ],
    answer: written,
  });
  if (isStop(answer)) return answer;
  carries(session, answer.data.id);
  return answer.data.id;
}

/** Null when there is no such person. */
async function findAndUpdate(
  session: Session,
  organization: number | null,
  inDoubt: boolean,
): Promise<number | null | Stop> {
  const { api, lead } = session;
  const known = api.account.persons.get(personKey(lead), api.now());
  if (known !== undefined) {
    const result = await update(session, known, organization);
    if (result !== "gone") return result ?? known;
    api.account.persons.forget(personKey(lead));
  }
  const ids = await findPersons(session, inDoubt);
  if (isStop(ids)) return ids;
  for (const id of ids) {
    const result = await update(session, id, organization);
    if (result !== "gone") return result ?? id;
  }
  return null;
}

/** Null when the person is up to date; `gone` when they are deleted, or someone else by now. */
function update(session: Session, id: number, organization: number | null): Promise<Stop | "gone" | null> {
  // Two addresses of one person are two people to the ledger, and their leads may come at once.
  return session.api.account.inTurn(`person with id ${id}`, async () => {
    const person = await readPerson(session.api, id, statusWanted(session) !== null);
    if (isStop(person)) return person;
    if (!person || !(await isTheirs(session, person))) return "gone";
    const essential = await changesOf(session, person, organization);
    const extras = extrasFor(session, person);
    if (Object.keys(essential).length === 0 && extras.length === 0) return carries(session, id);
    await session.keep("person", { ...session.progress.person, lastId: id });
    const path = `v2/persons/${id}` as const;
    const answer = await writeWhatIsTaken(session, { method: "PATCH", path, essential, extras, answer: written });
    if (!isStop(answer)) return carries(session, id);
    // The lead is worth more than its person's update: someone else's person may not be ours to change.
    if (answer.stop.type !== "blocked" || answer.stop.reason.code !== "forbidden") return answer;
    session.progress.warnings.push("the person is there, but the token's user may not change them");
    return null;
  });
}

async function isTheirs({ lead }: Session, { emails, phones }: Person): Promise<boolean> {
  const { recognise } = await recogniserOf(lead);
  return recognise(valuesOf(emails), valuesOf(phones));
}

async function changesOf(session: Session, person: Person, organization: number | null): Promise<Record<string, Json>> {
  const { lead } = session;
  const changes: Record<string, Json> = {};
  const isNamed = lead.name !== null || lead.firstName !== null || lead.lastName !== null;
  const isMapped = mappedOf(session).some(({ code, custom }) => code === "name" && !custom);
  const mayName = isNamed && !isMapped && !isOlder(session, person);
  if (mayName && nameOf(lead) !== person.name) changes.name = nameOf(lead);
  if (organization !== null && !person.org_id) changes.org_id = organization;
  const { email, phone } = lead;
  if (email && !valuesOf(person.emails).some((one) => one.trim().toLowerCase() === email.toLowerCase()))
    changes.emails = withAlso(person.emails, email);
  if (phone && !valuesOf(person.phones).some((await matcherOf(phone)).matches))
    changes.phones = withAlso(person.phones, shortened(phone));
  return changes;
}

/** Lists are replaced as a whole, so what is there goes along. */
function withAlso(there: Person["emails"], value: string): Json {
  const kept = (there ?? []).map(({ value, primary, label }) => ({
    value,
    primary: primary ?? false,
    ...(label ? { label } : {}),
  }));
  return [...kept, { value, primary: kept.length === 0, label: "work" }];
}

/** The mapped values this lead may and need write to a person who is there. */
function extrasFor(session: Session, person: Person): Placed[] {
  const older = isOlder(session, person);
  const extras = mappedOf(session).filter(({ code, custom, mode, value }) => {
    const now = custom ? person.custom_fields?.[code] : person[code as keyof Person];
    const isEmpty = now === undefined || now === null || now === "" || (Array.isArray(now) && now.length === 0);
    if (mode === "onCreate") return false;
    if (mode === "ifEmpty" || older) return isEmpty;
    return JSON.stringify(now) !== JSON.stringify(value);
  });
  return [...extras, ...builtIn("person", "marketing_status", older ? undefined : statusChange(session, person))];
}

/**
 * It may change only once, per https://developers.pipedrive.com/docs/api/v1/Persons (read 2026-11), and nobody who has
 * unsubscribed is subscribed again by a form. Consent withdrawn while the lead was on its way counts.
 */
function statusChange(session: Session, { marketing_status: now }: Person): string | undefined {
  const wanted = statusWanted(session);
  const mayChange = wanted === "subscribed" ? now === "no_consent" : wanted === "unsubscribed" && now === "subscribed";
  return mayChange ? (wanted ?? undefined) : undefined;
}

function mappedOf({ placing }: Session): Placed[] {
  return placing.placed.filter(({ entity }) => entity === "person");
}

/** True when the person carries values of a newer lead. Lead ids sort by time. */
function isOlder(session: Session, person: Person): boolean {
  const field = fieldNamed(session.fields.person, latestLeadField);
  const onRecord = field && person.custom_fields?.[field.code];
  const { superseded, lead } = session;
  return superseded || (typeof onRecord === "string" && onRecord > lead.id) || newestAt(session, person.id) > lead.id;
}

/** Remembers whose values the person carries from now on. */
function carries(session: Session, person: number): null {
  const { api, lead } = session;
  if (newestAt(session, person) < lead.id) api.account.newest.set(String(person), lead.id, api.now());
  return null;
}

function newestAt({ api }: Session, person: number): string {
  return api.account.newest.get(String(person), api.now()) ?? "";
}
