import { type Attribution, clickIdKeys, noAttribution, utmKeys } from "../model/attribution.ts";
import type { Json, JsonObject } from "../model/json.ts";
import { canonicalName, type FieldIndex, firstText, indexFields, textOf } from "./field-index.ts";
import { jsonObjectIn } from "./json-field.ts";
import { cleanText } from "./submission.ts";

const longestUrl = 8_192;
const longestParameter = 2_048;
const parameterNames: readonly string[] = [...utmKeys, ...clickIdKeys];
const parameterByCanonicalName = new Map(parameterNames.map((name) => [canonicalName(name), name]));
const webAddress = /^https?:\/\//i;
const needsParsing = /[@\s\p{Cc}]/u;

/** True when a canonical name is one of the plain fields attribution is read from. */
export function isAttributionName(name: string): boolean {
  return name === "pageurl" || name === "referrer" || parameterByCanonicalName.has(name);
}

/** Takes the first source that says anything, whole: the browser script's snapshot, plain fields, the `Referer` header. */
export function readAttribution(script: Json | undefined, fields: FieldIndex, referer: string | null): Attribution {
  return fromScript(jsonObjectIn(script)) ?? snapshot("fields", fields, ["pageurl"]) ?? fromReferer(referer);
}

function fromScript(sent: JsonObject | null): Attribution | null {
  return sent && snapshot("script", indexFields(sent), ["url", "pageurl"]);
}

/** Null when the fields say nothing of where the lead came from. */
function snapshot(from: "script" | "fields", fields: FieldIndex, urlNames: readonly string[]): Attribution | null {
  const url = webUrl(firstText(fields, urlNames));
  const referrer = webUrl(firstText(fields, ["referrer"]));
  const parameters = explicitParameters(fields) ?? (url === null ? null : parametersOf(url));
  if (url === null && referrer === null && parameters === null) return null;
  return { url, referrer, parameters: parameters ?? {}, from };
}

function fromReferer(referer: string | null): Attribution {
  const url = webUrl(referer);
  return url === null ? noAttribution : { url, referrer: null, parameters: parametersOf(url) ?? {}, from: "referer" };
}

/** UTM values and click ids given by name; null when there is none, so that the page's own query is read instead. */
function explicitParameters(fields: FieldIndex): Record<string, string> | null {
  const parameters: Record<string, string> = {};
  for (const [name, spellings] of fields) {
    const parameter = parameterByCanonicalName.get(name);
    if (parameter) keep(parameters, parameter, textOf(spellings[0]?.value));
  }
  return Object.keys(parameters).length > 0 ? parameters : null;
}

/** UTM values and click ids in an address's query; null when there is none. */
function parametersOf(url: string): Record<string, string> | null {
  const end = url.indexOf("#");
  const start = url.indexOf("?");
  if (start < 0 || (end >= 0 && end < start)) return null;
  const parameters: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(url.slice(start, end < 0 ? undefined : end))) {
    if (parameterNames.includes(name)) keep(parameters, name, textOf(cleanText(value)));
  }
  return Object.keys(parameters).length > 0 ? parameters : null;
}

/** The first value wins. One past the limit is left out: a click id cut short is a wrong one. */
function keep(parameters: Record<string, string>, name: string, value: string | null): void {
  if (value !== null && value.length <= longestParameter) parameters[name] ??= value;
}

/** An http(s) address as it came, without user name and password; null when it is none. */
function webUrl(text: string | null): string | null {
  const address = text?.trim() ?? "";
  if (address.length > longestUrl || !webAddress.test(address)) return null;
  if (!needsParsing.test(address)) return URL.canParse(address) ? address : null;
  const url = URL.parse(address);
  if (!url) return null;
  url.username = "";
  url.password = "";
  return url.href;
}
