import { type Attribution, noAttribution } from "../model/attribution.ts";
import type { Json, JsonObject } from "../model/json.ts";
import { type FieldIndex, firstText, indexFields } from "./field-index.ts";
import { jsonObjectIn } from "./json-field.ts";
import { explicitParameters, isParameterName, parametersInQuery, webUrl } from "./parameters.ts";
import { readScriptFindings } from "./script-snapshot.ts";

/** True when a canonical name is one of the plain fields attribution is read from. */
export function isAttributionName(name: string): boolean {
  return name === "pageurl" || name === "referrer" || isParameterName(name);
}

/** Takes the first source that says anything, whole: the browser script's snapshot, plain fields, the `Referer` header. */
export function readAttribution(script: Json | undefined, fields: FieldIndex, referer: string | null): Attribution {
  return fromScript(jsonObjectIn(script)) ?? snapshot("fields", fields, ["pageurl"]) ?? fromReferer(referer);
}

/** A page without a campaign of its own is seen under the last one the browser kept, that one's set as a whole. */
function fromScript(sent: JsonObject | null): Attribution | null {
  const page = sent && snapshot("script", indexFields(sent), ["url", "pageurl"]);
  if (!page) return null;
  const findings = readScriptFindings(sent);
  const isBare = Object.keys(page.parameters).length === 0;
  return { ...page, ...findings, parameters: isBare ? (findings.lastTouch?.parameters ?? {}) : page.parameters };
}

/** Null when the fields say nothing of where the lead came from. */
function snapshot(from: "script" | "fields", fields: FieldIndex, urlNames: readonly string[]): Attribution | null {
  const url = webUrl(firstText(fields, urlNames));
  const referrer = webUrl(firstText(fields, ["referrer"]));
  const parameters = explicitParameters(fields) ?? (url === null ? null : parametersInQuery(url));
  if (url === null && referrer === null && parameters === null) return null;
  return { url, referrer, parameters: parameters ?? {}, from };
}

function fromReferer(referer: string | null): Attribution {
  const url = webUrl(referer);
  return url === null
    ? noAttribution
    : { url, referrer: null, parameters: parametersInQuery(url) ?? {}, from: "referer" };
}
