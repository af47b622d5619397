import type { JsonObject } from "../model/json.ts";
import type { LeadFilter } from "./ledger.ts";
import { sourceOf } from "./tally-keys.ts";

/** What a filter asks of a lead's document and id; null when nothing. */
export function documentTest({
  source,
  campaign,
  text,
}: LeadFilter): ((document: string, id: string) => boolean) | null {
  const tests: ((document: string, id: string) => boolean)[] = [];
  if (source !== undefined) {
    tests.push((document) => sourceOf(parameter(document, "utm_source", source)) === sourceOf(source));
  }
  if (campaign !== undefined)
    tests.push((document) => (parameter(document, "utm_campaign", campaign) ?? "") === campaign);
  if (text !== undefined) tests.push(textTest(text));
  return tests.length === 0 ? null : (document, id) => tests.every((one) => one(document, id));
}

/** A campaign parameter of the page. Parses only documents in which the wanted value stands somewhere. */
function parameter(document: string, name: string, wanted: string): string | undefined {
  if (!document.includes(quoted(sourceOf(wanted)))) return undefined;
  const { attribution } = JSON.parse(document) as { attribution: { parameters: Record<string, string> } };
  return attribution.parameters[name];
}

/** What of the document is not searched: the same wording in every lead would be found with every lead, and hashes say nothing. */
const notSearched = new Set(["consents", "ip_address", "user_agent"]);

/** True when the text stands, in any case, in one of the lead's values or its id. */
function textTest(text: string): (document: string, id: string) => boolean {
  const wanted = text.toLowerCase();
  const written = quoted(wanted);
  return (document, id) => {
    if (id.includes(wanted)) return true;
    // Nearly all documents end here, before anything is parsed.
    if (!document.toLowerCase().includes(written)) return false;
    const searched = Object.entries(JSON.parse(document) as JsonObject).filter(([key]) => !notSearched.has(key));
    return searched.some(([, value]) => holds(value, wanted));
  };
}

function holds(value: unknown, wanted: string): boolean {
  if (typeof value === "object" && value !== null) return Object.values(value).some((one) => holds(one, wanted));
  return value !== null && String(value).toLowerCase().includes(wanted);
}

/** As it stands inside a JSON string. */
function quoted(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}
