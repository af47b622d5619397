import type { Attribution, Touch } from "../model/attribution.ts";
import type { Json, JsonObject } from "../model/json.ts";
import { canonicalName, indexFields, textOf } from "./field-index.ts";
import { jsonObjectIn } from "./json-field.ts";
import { explicitParameters, isParameterName, parametersInQuery, webUrl } from "./parameters.ts";

/** What `leadkeep.js` tells beyond this page's own attribution. */
type ScriptFindings = Pick<Attribution, "extra" | "firstTouch" | "lastTouch" | "lastClick" | "consentState">;

const plainName = /^[a-z_][\w-]{0,39}$/i;
const mostExtra = 20;
const longestExtra = 512;
const latestTime = 8.64e15;
const signal = /^(ad_storage|ad_user_data|ad_personalization|analytics_storage|source|at)$/;
/** Canonical names that say something else in a snapshot. */
const taken = "url pageurl referrer hutk hubspotutk pagename pagetitle at first last click consent".split(" ");

/** Reads touches, visitor ids, a site's own parameters and the consent state. Whatever is not of their shape says nothing. */
export function readScriptFindings(script: Json | undefined): ScriptFindings {
  const sent = jsonObjectIn(script);
  if (!sent) return {};
  const findings = {
    extra: withGoogleIds(textsIn(sent, isExtra)),
    firstTouch: touchIn(sent.first),
    lastTouch: touchIn(sent.last),
    lastClick: touchIn(sent.click),
    consentState: textsIn(jsonObjectIn(sent.consent), (name) => signal.test(name)),
  };
  return Object.fromEntries(Object.entries(findings).filter(([, found]) => found !== null));
}

/** The snapshot that says the same again, for a form that is sent once more without the script. */
export function snapshotOf(attribution: Attribution): object {
  const { url, referrer, parameters, hutk, pageName, extra, firstTouch, lastTouch, lastClick, consentState } =
    attribution;
  return {
    ...extra,
    url,
    referrer,
    ...parameters,
    hutk,
    pageName,
    first: firstTouch && flat(firstTouch),
    last: lastTouch && flat(lastTouch),
    click: lastClick && flat(lastClick),
    consent: consentState,
  };
}

function flat({ url, referrer, parameters, at }: Touch): JsonObject {
  return { ...parameters, url, referrer, at };
}

function isExtra(name: string): boolean {
  const canonical = canonicalName(name);
  return plainName.test(name) && !taken.includes(canonical) && !isParameterName(canonical);
}

/**
 * Google Analytics' ids out of the values of its cookies: `_ga` ends with the client id; `_ga_<stream>` is
 * `GS1.1.<session id>.…` or `GS2.1.s<session id>$…`.
 */
function withGoogleIds(texts: Record<string, string> | null): Record<string, string> | null {
  if (!texts) return null;
  const ids: Record<string, string> = {};
  for (const [name, text] of Object.entries(texts)) {
    const client = name === "_ga" ? /(?<!\d)\d+\.\d+$/.exec(text)?.[0] : undefined;
    const session = name.startsWith("_ga_") ? /^GS\d\.\d\.s?(\d+)/.exec(text)?.[1] : undefined;
    if (client) ids.ga_client_id = client;
    else if (session) ids.ga_session_id ??= session;
    else ids[name] = text;
  }
  return ids;
}

function touchIn(sent: Json | undefined): Touch | null {
  const said = jsonObjectIn(sent);
  if (!said) return null;
  const url = webUrl(textOf(said.url));
  const parameters = explicitParameters(indexFields(said)) ?? (url === null ? null : parametersInQuery(url)) ?? {};
  const at = typeof said.at === "number" && Math.abs(said.at) <= latestTime ? said.at : null;
  if (url === null && Object.keys(parameters).length === 0) return null;
  return { url, referrer: webUrl(textOf(said.referrer)), parameters, at };
}

function textsIn(sent: JsonObject | null, isWanted: (name: string) => boolean): Record<string, string> | null {
  const texts: [string, string][] = [];
  for (const [name, value] of Object.entries(sent ?? {})) {
    const text = typeof value === "object" ? null : textOf(value);
    if (text !== null && text.length <= longestExtra && isWanted(name)) texts.push([name, text]);
  }
  return texts.length > 0 ? Object.fromEntries(texts.slice(0, mostExtra)) : null;
}
