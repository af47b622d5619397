import * as z from "zod";
import type { Lead } from "../../model/lead.ts";
import { type Answer, type Api, isGone, isRefusal, isStop, read, type Stop, search } from "./call.ts";
import { matcherOf } from "./phones.ts";
import { recentlyWritten } from "./recent.ts";
import type { Session } from "./session.ts";

const contact = z.object({ value: z.string(), primary: z.boolean().nullish(), label: z.string().nullish() });

/** A person as `/api/v2/persons` gives them, per https://developers.pipedrive.com/docs/api/v1/Persons (read 2026-11). */
const person = z.object({
  id: z.number(),
  name: z.string().nullish(),
  org_id: z.number().nullish(),
  visible_to: z.number().nullish(),
  is_deleted: z.boolean().nullish(),
  emails: z.array(contact).nullish(),
  phones: z.array(contact).nullish(),
  marketing_status: z.string().nullish(),
  custom_fields: z.record(z.string(), z.json()).nullish(),
});
export type Person = z.output<typeof person>;

const hits = z.object({
  items: z.array(
    z.object({
      item: z.object({
        id: z.number(),
        emails: z.array(z.string()).nullish(),
        phones: z.array(z.string()).nullish(),
      }),
    }),
  ),
});

/** Tells whether a person's addresses and numbers are those of the lead. */
export type Recognise = (emails: readonly string[], phones: readonly string[]) => boolean;

/** What a lead's person is known by: the address, else the number. */
export function personKey({ email, phone }: Lead): string {
  return email?.toLowerCase() ?? phone ?? "";
}

/** Recognises the lead's person: `exact_match` has been seen not to be exact (https://github.com/pipedrive/client-nodejs/issues/108). */
export async function recogniserOf({ email, phone }: Lead): Promise<{ recognise: Recognise; term: string }> {
  if (email !== null) {
    const wanted = email.toLowerCase();
    return { term: email, recognise: (emails) => emails.some((one) => one.trim().toLowerCase() === wanted) };
  }
  const { term, matches } = await matcherOf(phone ?? "");
  return { term, recognise: (_, phones) => phones.some(matches) };
}

/** Ids of who may be the lead's person, the lowest first: of several with one address the oldest is taken, none is added. */
export async function findPersons(
  { api, lead }: Pick<Session, "api" | "lead">,
  inDoubt: boolean,
): Promise<number[] | Stop> {
  const { recognise, term } = await recogniserOf(lead);
  const query = { term, fields: lead.email === null ? "phone" : "email", limit: 50 };
  const exact = lead.email === null ? {} : { exact_match: "true" };
  const answer = await search(api, "v2/persons/search", { ...query, ...exact }, hits);
  if (isStop(answer)) return answer;
  const found = answer.data.items.filter(({ item }) => recognise(item.emails ?? [], item.phones ?? []));
  if (found.length > 0) return found.map(({ item }) => item.id).sort((a, b) => a - b);
  const recent = await recentlyWritten(api, "v2/persons", person, inDoubt);
  if (isStop(recent)) return recent;
  return recent.filter(({ emails, phones }) => recognise(valuesOf(emails), valuesOf(phones))).map(({ id }) => id);
}

/**
 * The person with this id; null when they are deleted. The marketing status comes only when it is asked for, and only with
 * Campaigns, per https://developers.pipedrive.com/docs/api/v1/Persons (read 2026-11); what is answered without is not said.
 */
export async function readPerson(api: Api, id: number, withMarketing: boolean): Promise<Person | null | Stop> {
  const path = `v2/persons/${id}`;
  const asked = withMarketing ? { include_fields: "marketing_status" } : {};
  let answer: Answer<Person> | Stop = await read<Person>(api, path, asked, person);
  if (withMarketing && isStop(answer) && isRefusal(answer) && !isGone(answer))
    answer = await read<Person>(api, path, {}, person);
  if (isStop(answer)) return isGone(answer) ? null : answer;
  return answer.data.is_deleted ? null : answer.data;
}

/** The addresses or numbers of a person, bare. */
export function valuesOf(contacts: Person["emails"]): string[] {
  return (contacts ?? []).map(({ value }) => value);
}
