import * as z from "zod";
import { isFresh } from "./account.ts";
import { type Answer, type Api, isStop, read, type Stop } from "./call.ts";

/** What custom fields hang on. Leads have those of deals, per https://pipedrive.readme.io/docs/core-api-concepts-custom-fields (read 2026-11). */
export const entities = ["deal", "person", "organization"] as const;
export type Entity = (typeof entities)[number];

const option = z.object({ id: z.union([z.number(), z.string()]), label: z.string() });

/** A field as `/api/v2/{entity}Fields` lists it, per https://developers.pipedrive.com/docs/api/v1/PersonFields (read 2026-11). */
const fieldItem = z
  .object({
    field_code: z.string(),
    field_name: z.string(),
    field_type: z.string(),
    is_custom_field: z.boolean().nullish(),
    options: z.array(option).nullish().catch(null),
  })
  .transform(({ field_code, field_name, field_type, is_custom_field, options }) => ({
    code: field_code,
    name: field_name,
    type: field_type,
    custom: is_custom_field ?? false,
    options: options ?? [],
  }));
export type Field = z.output<typeof fieldItem>;

export type Fields = Record<Entity, readonly Field[]>;

const pageSize = 100;
const mostPages = 50;

/** Every field of the account. */
export async function readFields(api: Api): Promise<Fields | Stop> {
  const deal = await listed(api, "v2/dealFields", {}, fieldItem);
  if (isStop(deal)) return deal;
  const person = await listed(api, "v2/personFields", {}, fieldItem);
  if (isStop(person)) return person;
  const organization = await listed(api, "v2/organizationFields", {}, fieldItem);
  if (isStop(organization)) return organization;
  return { deal, person, organization };
}

/** A list in full, remembered for an hour. */
export function listed<T>(
  api: Api,
  path: string,
  query: Record<string, string | number>,
  item: z.ZodType<T>,
): Promise<T[] | Stop> {
  const key = `${path} ${JSON.stringify(query)}`;
  const { lists } = api.account;
  return api.account.inTurn(`list ${key}`, async () => {
    const known = lists.get(key);
    if (known && isFresh(known.at, api.now())) return known.value as T[];
    const value = await everyPage(api, path, query, item);
    if (!isStop(value)) lists.set(key, { value, at: api.now() });
    return value;
  });
}

/** Lets go of what is remembered: a request has shown that it is no longer so. */
export function forgetLists({ account }: Api): void {
  account.lists.clear();
}

/** The items of every page. Only version 2's lists go on in a further page; version 1 writes an empty one as null. */
export async function everyPage<T>(
  api: Api,
  path: string,
  query: Record<string, string | number>,
  item: z.ZodType<T>,
): Promise<T[] | Stop> {
  const items: T[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < mostPages; page += 1) {
    const asked: Record<string, string | number> = {
      limit: pageSize,
      ...query,
      ...(cursor === null ? {} : { cursor }),
    };
    const answer: Answer<T[] | null> | Stop = await read(api, path, asked, z.array(item).nullable());
    if (isStop(answer)) return answer;
    items.push(...(answer.data ?? []));
    cursor = answer.cursor;
    if (cursor === null) break;
  }
  return items;
}

/** The field people mean by a name or a key; a built-in one only by its key. Of several with one name, the first. */
export function fieldNamed(fields: readonly Field[], name: string): Field | undefined {
  const wanted = name.trim().toLowerCase();
  return (
    fields.find(({ code }) => code === name.trim()) ??
    fields.find((field) => field.custom && field.name.trim().toLowerCase() === wanted)
  );
}
