import type { Attribution } from "../model/attribution.ts";
import type { Json } from "../model/json.ts";
import { type FieldIndex, firstText, indexFields } from "./field-index.ts";
import { jsonObjectIn } from "./json-field.ts";

const longestTitle = 512;
const visitorId = /^[\w-]{8,128}$/;
const cookie = /(?:^|;\s*)hubspotutk=([^;]+)/;

/**
 * What only the visitor's browser knows and a worker cannot ask for later: HubSpot's visitor id and the page's title. Each from
 * the script's snapshot, a plain field, or for the id the cookie itself, which comes along when site and gateway share a host.
 * Where the script ran, the cookie is not looked at: the script left the id out because the visitor has not agreed to it.
 */
export function readVisit(
  script: Json | undefined,
  fields: FieldIndex,
  cookies: string | null,
): Pick<Attribution, "hutk" | "pageName"> {
  const snapshot = jsonObjectIn(script);
  const sent = indexFields(snapshot ?? {});
  const inCookie = snapshot ? undefined : cookie.exec(cookies ?? "")?.[1]?.trim();
  const id = text(sent, fields, ["hutk", "hubspotutk"]) ?? inCookie ?? "";
  const title = text(sent, fields, ["pagename", "pagetitle"])?.slice(0, longestTitle).toWellFormed();
  return { ...(visitorId.test(id) ? { hutk: id } : {}), ...(title ? { pageName: title } : {}) };
}

function text(sent: FieldIndex, fields: FieldIndex, names: readonly string[]): string | undefined {
  return (firstText(sent, names) ?? firstText(fields, names))?.trim();
}
