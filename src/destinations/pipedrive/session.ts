import type * as z from "zod";
import type { Json } from "../../model/json.ts";
import type { Lead } from "../../model/lead.ts";
import { type Answer, type Api, isStop, type Stop, write } from "./call.ts";
import { inVersion1 } from "./convert.ts";
import { type Fields, forgetLists } from "./fields.ts";
import type { Options } from "./options.ts";
import type { Placed, Placing } from "./placing.ts";
import type { Progress, StepName } from "./progress.ts";

/** One attempt at one delivery, as its steps see it. */
export type Session = {
  api: Api;
  lead: Lead;
  options: Options;
  fields: Fields;
  placing: Placing;
  /** True when a newer lead of the person is there already: nothing of theirs is overwritten. */
  superseded: boolean;
  progress: Progress;
  /** Of the last write that went through. */
  status: number | null;
  /** Saves a step's state durably; undefined: as if it had not begun. */
  keep(step: StepName, state: Progress[StepName]): Promise<void>;
};

export type Writing<T> = {
  method: "POST" | "PATCH";
  path: `v${1 | 2}/${string}`;
  /** What makes no sense without. */
  essential: Record<string, Json>;
  /** What may be left out when Pipedrive will not take it. */
  extras: readonly Placed[];
  answer: z.ZodType<T>;
};

/**
 * Writes, and when Pipedrive refuses the body leaves out exactly the fields it names (since 2026-05 its validation errors
 * carry the field's key, per https://developers.pipedrive.com/changelog), or all that can be left out when it names none.
 */
export async function writeWhatIsTaken<T>(session: Session, writing: Writing<T>): Promise<Answer<T> | Stop> {
  const { api, options, progress } = session;
  const { method, path, essential, answer } = writing;
  const refused: string[] = [];
  for (let extras = writing.extras; ; ) {
    const body = { ...essential, ...(path.startsWith("v1/") ? bodyOfVersion1(extras) : bodyOfVersion2(extras)) };
    const result = await write(api, method, path, body, answer);
    if (!isStop(result)) {
      session.status = result.status;
      progress.refused.push(...refused.filter((name) => !progress.refused.includes(name)));
      return result;
    }
    const aboutBody = result.status === 400 || result.status === 422;
    if (!aboutBody || extras.length === 0 || options.onUnknownField === "reject") return result;
    // The list of fields may have changed since it was read.
    forgetLists(api);
    const named = extras.filter(({ code }) => mentions(result.body, code));
    const dropped = new Set(named.length > 0 ? named : extras);
    refused.push(...[...dropped].map(({ name }) => name));
    extras = extras.filter((one) => !dropped.has(one));
  }
}

/** A built-in field of ours beside the mapped ones, such as the owner. */
export function builtIn(entity: Placed["entity"], code: string, value: Json | undefined): Placed[] {
  return value === undefined ? [] : [{ entity, name: code, code, custom: false, value, mode: "onCreate" }];
}

/** Custom fields in an object of their own, amounts and currencies apart. */
export function bodyOfVersion2(placed: readonly Placed[]): Record<string, Json> {
  const body: Record<string, Json> = {};
  const custom: Record<string, Json> = {};
  for (const { code, custom: isCustom, value } of placed) {
    if (isCustom) custom[code] = value;
    else if (code === "value") Object.assign(body, value);
    else body[code] = value;
  }
  return Object.keys(custom).length > 0 ? { ...body, custom_fields: custom } : body;
}

/** Custom fields at the top level; a lead's value is an amount with its currency, and who may see it is text. */
export function bodyOfVersion1(placed: readonly Placed[]): Record<string, Json> {
  const body: Record<string, Json> = {};
  for (const { code, custom, value } of placed) {
    if (custom) Object.assign(body, inVersion1(code, value));
    else if (code === "value") body[code] = amountOf(value);
    else body[code] = code === "visible_to" ? String(value) : value;
  }
  return body;
}

function amountOf(value: Json): Json {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return value;
  return { amount: value.value ?? null, currency: value.currency ?? null };
}

function mentions(body: string, code: string): boolean {
  return new RegExp(`(?<![A-Za-z0-9_])${code.replace(/\W/g, "\\$&")}(?![A-Za-z0-9])`).test(body);
}
