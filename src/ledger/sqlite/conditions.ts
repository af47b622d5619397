import type { SQLInputValue } from "node:sqlite";
import type { JsonObject } from "../../model/json.ts";
import type { LeadFilter } from "../ledger.ts";
import { sourceOf } from "./tallies.ts";

/** SQL, and the values for the question marks in it. */
type Fragment = { sql: string; values: SQLInputValue[] };

/** What a filter asks of a row of `leads`, as far as SQL can tell. Always true when it asks nothing. */
export function conditionsOf(filter: LeadFilter): Fragment {
  const given = [
    when(filter.form, "form = ?"),
    when(filter.state, "state = ?"),
    when(filter.since, "received_at >= ?"),
    when(filter.until, "received_at < ?"),
    when(filter.stage, "COALESCE((SELECT stage FROM lead_work WHERE lead_id = leads.id), 'new') = ?"),
    when(filter.assignee, "(SELECT assignee FROM lead_work WHERE lead_id = leads.id) = ?"),
    when(filter.person && JSON.stringify(filter.person), "person IN (SELECT value FROM json_each(?))"),
    deliveryCondition(filter),
  ].filter((one) => one !== null);
  return { sql: ["TRUE", ...given.map(({ sql }) => sql)].join(" AND "), values: given.flatMap(({ values }) => values) };
}

function when(value: SQLInputValue | undefined, sql: string): Fragment | null {
  return value === undefined ? null : { sql, values: [value] };
}

function deliveryCondition({ deliveryState, destination }: LeadFilter): Fragment | null {
  if (deliveryState === undefined && destination === undefined) return null;
  const state = deliveryState ?? null;
  const at = destination ?? null;
  const written: Fragment = {
    sql: `EXISTS (SELECT 1 FROM deliveries
      WHERE lead_id = leads.id AND state = COALESCE(?, state) AND destination = COALESCE(?, destination))`,
    values: [state, at],
  };
  if (deliveryState !== undefined && deliveryState !== "pending") return written;
  // A planned delivery that has no row yet is pending.
  const unwritten: Fragment = {
    sql: `EXISTS (SELECT 1 FROM planned
      WHERE planned.plan = leads.plan AND planned.destination = COALESCE(?, planned.destination) AND NOT EXISTS (
        SELECT 1 FROM deliveries WHERE lead_id = leads.id AND destination = planned.destination AND tag = ''))`,
    values: [at],
  };
  return { sql: `(${written.sql} OR ${unwritten.sql})`, values: [...written.values, ...unwritten.values] };
}

/** What a filter asks beyond that, of a lead's document and id; null when nothing. */
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
