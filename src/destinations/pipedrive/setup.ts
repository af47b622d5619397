import * as z from "zod";
import type { CheckResult, SetupStep, ToolContext } from "../../model/destination.ts";
import { accountOf } from "./account.ts";
import { type Api, isStop, type Stop, write } from "./call.ts";
import { type Fields, forgetLists, readFields } from "./fields.ts";
import type { Options } from "./options.ts";
import { findField, ownFields, wholeMap } from "./placing.ts";

const made = z.object({ field_code: z.string() });

/** Nobody paces the commands' requests. A running gateway may be at work meanwhile: half of the smallest plan's limit. */
const pace = { limit: 10, intervalMs: 2_000 };

/** What a command works with. */
export function toolApi(options: Options, context: ToolContext): Api {
  const account = accountOf(options, context.now());
  return {
    options,
    account,
    ...context,
    fetch: async (url, init) => {
      await account.turn("request", pace, context);
      return context.fetch(url, init);
    },
  };
}

/** Ends a command's work with what went wrong, in words. */
export function problemOf({ stop }: Stop, what: string, cure: string): CheckResult {
  const detail = "reason" in stop ? stop.reason.message : "did not work";
  return { what, result: "problem", detail, cure };
}

/**
 * The custom fields of the map: ours as they are meant, further ones as text. Made by
 * `POST /api/v2/{entity}Fields`, per https://developers.pipedrive.com/docs/api/v1/DealFields (read 2026-11).
 */
export async function setup(options: Options, context: ToolContext): Promise<SetupStep[]> {
  const api = toolApi(options, context);
  forgetLists(api);
  const fields = await readFields(api);
  if (isStop(fields)) {
    const cure = "Run leadkeep doctor pipedrive.";
    return [{ what: "read the fields of the account", apply: async () => problemOf(fields, "Fields", cure) }];
  }
  return Object.keys(wholeMap(options)).map((name) => stepFor(name, api, fields));
}

function stepFor(mapName: string, api: Api, fields: Fields): SetupStep {
  const { entity, name, field } = findField(mapName, api.options, fields);
  const what = `${entity === "deal" ? "lead and deal" : entity} field "${name}"`;
  if (field) return { what, apply: null };
  const field_type = ownFields[mapName]?.type ?? "text";
  return {
    what: `${what} (${field_type === "text" ? "large text" : "text"})`,
    async apply() {
      const answer = await write(api, "POST", `v2/${entity}Fields`, { field_name: name, field_type }, made);
      forgetLists(api);
      if (!isStop(answer)) return { what, result: "ok", detail: "made" };
      return problemOf(
        answer,
        what,
        "Only a user who may manage data fields can make them; ask an admin of the account.",
      );
    },
  };
}
