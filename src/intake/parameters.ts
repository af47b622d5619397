import { clickIdKeys, utmKeys } from "../model/attribution.ts";
import { canonicalName, type FieldIndex, textOf } from "./field-index.ts";
import { cleanText } from "./submission.ts";

const longestUrl = 8_192;
const longestParameter = 2_048;
const parameterNames: readonly string[] = [...utmKeys, ...clickIdKeys];
const parameterByCanonicalName = new Map(parameterNames.map((name) => [canonicalName(name), name]));
const webAddress = /^https?:\/\//i;
const needsParsing = /[@\s\p{Cc}]/u;

/** True when a canonical name is a UTM value's or a click id's. */
export function isParameterName(name: string): boolean {
  return parameterByCanonicalName.has(name);
}

/** UTM values and click ids given by name; null when there is none, so that the page's own query is read instead. */
export function explicitParameters(fields: FieldIndex): Record<string, string> | null {
  const parameters: Record<string, string> = {};
  for (const [name, spellings] of fields) {
    const parameter = parameterByCanonicalName.get(name);
    if (parameter) keep(parameters, parameter, textOf(spellings[0]?.value));
  }
  return Object.keys(parameters).length > 0 ? parameters : null;
}

/** UTM values and click ids in an address's query; null when there is none. */
export function parametersInQuery(url: string): Record<string, string> | null {
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
export function webUrl(text: string | null): string | null {
  const address = text?.trim() ?? "";
  if (address.length > longestUrl || !webAddress.test(address)) return null;
  if (!needsParsing.test(address)) return URL.canParse(address) ? address : null;
  const url = URL.parse(address);
  if (!url) return null;
  url.username = "";
  url.password = "";
  return url.href;
}
