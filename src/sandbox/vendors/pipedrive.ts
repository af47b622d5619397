import { randomUUID } from "node:crypto";
import type { VendorAnswer, VendorDefinition, VendorRequest } from "../vendor.ts";
import {
  type Contact,
  type Crm,
  type CrmRecord,
  type FieldKind,
  fits,
  newCrm,
  rfc3339,
  tablesOf,
} from "./pipedrive-crm.ts";
import { deletions } from "./pipedrive-deletions.ts";
import { newGate } from "./pipedrive-gate.ts";
import { itemSearch } from "./pipedrive-item-search.ts";
import { changeMarketing, isMarketingShown, marketingOfNew } from "./pipedrive-marketing.ts";
import { type Call, created, failure, invalid, type Reply, type Route, success } from "./pipedrive-route.ts";
import { type PipedriveSettings, pipedriveSettings } from "./pipedrive-settings.ts";

const day = 86_400_000;
/**
 * The part of Pipedrive's API that leads need, versions 1 and 2, stateful: https://developers.pipedrive.com/docs/api/v1, limits
 * and costs per https://pipedrive.readme.io/docs/core-api-concepts-rate-limiting (read 2026-11). What a refusal's body says
 * beside `success`, `error` and `code` is a guess.
 */
export const pipedrive: VendorDefinition<typeof pipedriveSettings, Crm> = {
  name: "pipedrive",
  label: "Pipedrive",
  mount: "/pipedrive/",
  path: "/pipedrive",
  settings: pipedriveSettings,
  start({ settings, now }) {
    const crm = newCrm(now);
    const gates = new Map<string, ReturnType<typeof newGate>>();
    const budget = { day: Math.floor(now() / day), spent: 0 };
    return { answer, tables: () => tablesOf(crm), own: crm };

    function answer(request: VendorRequest): VendorAnswer {
      const token = request.headers["x-api-token"] ?? "";
      const problem = accessProblem(token, settings);
      if (problem) return reply(problem, {});
      const gate = gates.get(token) ?? newGate(settings, now);
      gates.set(token, gate);
      const [pathname = ""] = request.path.split("?");
      const route = routes.find(({ method, path }) => method === request.method && path.test(apiPath(pathname)));
      if (Math.floor(now() / day) > budget.day) Object.assign(budget, { day: Math.floor(now() / day), spent: 0 });
      const isSpent = budget.spent >= settings.dailyBudget;
      const passes = isSpent ? "no" : gate.pass(/\/(search|itemSearch)$/.test(pathname));
      if (!isSpent && passes === "yes") budget.spent += route?.cost ?? 0;
      const headers = limitHeaders(settings, gate.left(), Math.max(0, settings.dailyBudget - budget.spent));
      if (passes === "edge") return edgePage();
      if (passes === "no") return reply(tooMany, { ...headers, "retry-after": "2" });
      if (!route) return reply(failure(404, "Unknown method ."), headers);
      const id = route.path.exec(apiPath(pathname))?.[1] ?? "";
      const body2 = typeof request.json === "object" && request.json !== null ? { ...request.json } : {};
      const isWrite = request.method !== "GET";
      if (isWrite && settings.poison !== null && request.body.includes(settings.poison)) return reply(unknown, headers);
      return reply(route.answer({ ...request, crm, settings, now, id, body2 }), headers);
    }
  },
};

const tooMany = failure(429, "request over limit");
const unknown = failure(500, "Internal Server Error", { code: "ERR_UNKNOWN" });

const routes: Route[] = [
  ...deletions,
  { method: "GET", path: /^v2\/itemSearch$/, cost: 20, answer: itemSearch },
  {
    method: "GET",
    path: /^v1\/users\/me$/,
    cost: 2,
    answer: ({ settings }) =>
      success({ id: 1, name: "Sam", company_name: "Acme", company_domain: settings.companyDomain }),
  },
  { method: "GET", path: /^v2\/persons\/search$/, cost: 20, answer: (call) => search(call, call.crm.persons) },
  { method: "GET", path: /^v2\/persons$/, cost: 10, answer: (call) => list(call, call.crm.persons.map(shown(call))) },
  { method: "POST", path: /^v2\/persons$/, cost: 5, answer: createPerson },
  { method: "GET", path: /^v2\/persons\/(\d+)$/, cost: 1, answer: readPerson },
  { method: "PATCH", path: /^v2\/persons\/(\d+)$/, cost: 5, answer: updatePerson },
  {
    method: "GET",
    path: /^v2\/organizations\/search$/,
    cost: 20,
    answer: (call) => search(call, call.crm.organizations),
  },
  {
    method: "GET",
    path: /^v2\/organizations$/,
    cost: 10,
    answer: (call) => list(call, call.crm.organizations.map(shown(call))),
  },
  { method: "POST", path: /^v2\/organizations$/, cost: 5, answer: createOrganization },
  { method: "GET", path: /^v2\/(deal|person|organization)Fields$/, cost: 10, answer: listFields },
  { method: "POST", path: /^v2\/(deal|person|organization)Fields$/, cost: 5, answer: createField },
  { method: "GET", path: /^v2\/pipelines$/, cost: 5, answer: ({ crm }) => success(crm.pipelines) },
  { method: "GET", path: /^v2\/stages$/, cost: 5, answer: ({ crm }) => success(crm.stages) },
  { method: "GET", path: /^v2\/deals$/, cost: 10, answer: (call) => list(call, ofPerson(call, call.crm.deals)) },
  { method: "POST", path: /^v2\/deals$/, cost: 5, answer: createDeal },
  { method: "GET", path: /^v1\/leadLabels$/, cost: 2, answer: ({ crm }) => success(crm.leadLabels) },
  {
    method: "GET",
    path: /^v1\/leads$/,
    cost: 20,
    answer: (call) => listVersion1(call, ofPerson(call, call.crm.leads)),
  },
  { method: "POST", path: /^v1\/leads$/, cost: 10, answer: createLead },
  { method: "GET", path: /^v1\/notes$/, cost: 20, answer: listNotes },
  { method: "POST", path: /^v1\/notes$/, cost: 10, answer: createNote },
];

function createPerson(call: Call): Reply {
  const { crm, body2, settings, now } = call;
  if (typeof body2.name !== "string" || body2.name === "") return failure(400, "Name must be given.");
  const problem = contactSync(body2) ?? bodyProblem(call, "person");
  if (problem) return problem;
  const emails = contacts(body2.emails);
  const at = rfc3339(now());
  const person: CrmRecord = {
    org_id: null,
    custom_fields: {},
    ...body2,
    id: crm.nextId(),
    emails,
    phones: contacts(body2.phones),
    marketing_status: marketingOfNew(settings, body2, emails),
    is_deleted: false,
    add_time: at,
    update_time: at,
    indexed_at: now() + settings.searchLagMs,
  };
  crm.persons.push(person);
  return created("person", shown(call)(person), 200);
}

function updatePerson(call: Call): Reply {
  const { crm, id, body2, now, settings } = call;
  const person = crm.persons.find((one) => String(one.id) === id && !one.is_deleted);
  if (!person) return failure(404, "Person not found");
  const problem = contactSync(body2) ?? bodyProblem(call, "person");
  if (problem) return problem;
  const { custom_fields, emails, phones, marketing_status, ...rest } = body2;
  Object.assign(person, rest, { update_time: rfc3339(now()) });
  if (emails !== undefined) person.emails = contacts(emails);
  if (phones !== undefined) person.phones = contacts(phones);
  if (custom_fields) person.custom_fields = { ...(person.custom_fields as object), ...(custom_fields as object) };
  changeMarketing(person, marketing_status, settings);
  return { ...success(shown(call)(person)), applied: true, recordIds: [] };
}

function createOrganization(call: Call): Reply {
  const { crm, body2, now, settings } = call;
  if (typeof body2.name !== "string" || body2.name === "") return failure(400, "Name must be given.");
  const problem = bodyProblem(call, "organization");
  if (problem) return problem;
  const organization: CrmRecord = {
    ...body2,
    id: crm.nextId(),
    is_deleted: false,
    update_time: rfc3339(now()),
    indexed_at: now() + settings.searchLagMs,
  };
  crm.organizations.push(organization);
  return created("organization", shown(call)(organization), 200);
}

function createLead(call: Call): Reply {
  const { crm, body2, settings, now } = call;
  if (settings.capped) return failure(403, "Leads limit reached", { code: "feature_capping_leads_limit" });
  if (typeof body2.title !== "string" || body2.title === "") return failure(400, "title is required");
  if (body2.title.length > 255) return failure(400, "title must not be longer than 255 characters");
  if (!crm.persons.some((one) => one.id === body2.person_id && !one.is_deleted))
    return failure(400, "person_id: person not found");
  for (const field of crm.fields.deal.filter(({ field_code }) => field_code in body2 && /^\w{40}$/.test(field_code)))
    if (!fits(field, body2[field.field_code], 1)) return invalid(field.field_code);
  const unknownKey = Object.keys(body2).find((key) => !leadKeys.has(key) && !isCustomKey(crm, key));
  if (unknownKey !== undefined) return failure(400, `"${unknownKey}" is not allowed`);
  const lead = {
    origin_id: null,
    ...body2,
    id: randomUUID(),
    origin: "API",
    add_time: rfc3339(now()),
    ...indexed(call),
  };
  crm.leads.push(lead);
  return created("lead", lead, 201);
}

const leadKeys = new Set(
  "title owner_id label_ids person_id organization_id value expected_close_date visible_to was_seen origin_id channel channel_id".split(
    " ",
  ),
);

function isCustomKey(crm: Crm, key: string): boolean {
  return crm.fields.deal.some(({ field_code, is_custom_field }) => is_custom_field && key.startsWith(field_code));
}

function createDeal(call: Call): Reply {
  const { crm, body2, settings, now } = call;
  if (settings.capped) return failure(403, "Deals limit reached", { code: "feature_capping_deals_limit" });
  if (typeof body2.title !== "string" || body2.title === "") return failure(400, "title is required");
  if ("origin_id" in body2) return failure(400, '"origin_id" is not allowed');
  const problem = bodyProblem(call, "deal");
  if (problem) return problem;
  const deal = {
    pipeline_id: 1,
    stage_id: 1,
    custom_fields: {},
    ...body2,
    id: crm.nextId(),
    is_deleted: false,
    add_time: rfc3339(now()),
    ...indexed(call),
  };
  crm.deals.push(deal);
  return created("deal", deal, 201);
}

/** When the search begins to know a record that is written now. */
function indexed({ now, settings }: Call): { indexed_at: number } {
  return { indexed_at: now() + settings.searchLagMs };
}

function createNote(call: Call): Reply {
  const { crm, body2 } = call;
  if (typeof body2.content !== "string" || body2.content === "") return failure(400, "Content must be given.");
  const isThere = [...crm.leads, ...crm.deals].some(({ id }) => id === body2.lead_id || id === body2.deal_id);
  if (!isThere) return failure(404, "requested lead not found", { error_info: "Object was not found." });
  const note = { ...body2, id: crm.nextId() };
  crm.notes.push(note);
  return created("note", note, 200);
}

function listNotes(call: Call): Reply {
  const { crm, query } = call;
  const lead = query.get("lead_id");
  const deal = query.get("deal_id");
  const isAsked = (note: CrmRecord): boolean =>
    (lead === null || note.lead_id === lead) && (deal === null || String(note.deal_id) === deal);
  return listVersion1(call, crm.notes.filter(isAsked));
}

function listFields(call: Call): Reply {
  const { crm, id, settings } = call;
  const campaigns = { field_code: "marketing_status", field_name: "Marketing status", field_type: "enum" };
  const more = id === "person" && settings.campaigns ? [{ ...campaigns, is_custom_field: false, options: null }] : [];
  return list(call, [...crm.fields[id as FieldKind], ...more]);
}

function createField({ crm, id, body2 }: Call): Reply {
  const { field_name, field_type, options } = body2;
  if (typeof field_name !== "string" || typeof field_type !== "string") return failure(400, "field_name is required");
  const labels = Array.isArray(options) ? options.map(({ label }: { label: string }) => label) : undefined;
  return { ...success(crm.addField(id as FieldKind, field_name, field_type, labels)), applied: true, recordIds: [] };
}

/** Eventually consistent, and with `exact_match` not quite exact. */
function search({ query, settings, now }: Call, records: readonly CrmRecord[]): Reply {
  const term = query.get("term")?.toLowerCase() ?? "";
  if ([...term].length < 2) return failure(400, "The search term must be at least 2 characters long");
  const exact = query.get("exact_match") === "true" && !settings.fuzzyExactMatch;
  const digits = term.replace(/\D/g, "");
  const items = records
    .filter(({ is_deleted, indexed_at }) => !is_deleted && (indexed_at as number) <= now())
    .map(({ id, name, emails, phones }) => ({ id, name, emails: valuesOf(emails), phones: valuesOf(phones) }))
    .filter(({ name, emails, phones }) => {
      if (query.get("fields") === "phone")
        return phones.some((phone) => digits !== "" && phone.replace(/\D/g, "").includes(digits));
      const texts = (query.get("fields") === "email" ? emails : [String(name)]).map((text) => text.toLowerCase());
      return texts.some((text) => (exact ? text === term : text.includes(term)));
    })
    // By relevance, which is anyone's guess: the newest first.
    .reverse()
    .slice(0, Number(query.get("limit") ?? 100));
  return success({ items: items.map((item) => ({ result_score: 1, item: { ...item, type: "person" } })) });
}

function readPerson(call: Call): Reply {
  const { crm, id, query, settings } = call;
  const asksForMarketing = query.get("include_fields")?.includes("marketing_status") ?? false;
  if (asksForMarketing && !settings.campaigns && settings.marketingAsked === "refused")
    return failure(403, "marketing_status needs Campaigns");
  const found = crm.persons.find((person) => String(person.id) === id);
  const isThere = found && (!found.is_deleted || settings.showsDeleted);
  return isThere ? success(shown(call)(found)) : failure(404, "Object was not found.");
}

function ofPerson({ query }: Call, records: readonly CrmRecord[]): CrmRecord[] {
  const person = query.get("person_id");
  return records.filter(
    (one) => !one.is_deleted && !one.is_archived && (person === null || String(one.person_id) === person),
  );
}

/** A page of version 2: filtered, sorted by id, with an opaque cursor to the next. */
function list({ query }: Call, records: readonly object[]): Reply {
  const since = query.get("updated_since");
  const ids = query.get("ids")?.split(",") ?? null;
  if (ids !== null && ids.length > 100) return failure(400, "ids: at most 100");
  const kept = records.filter((record) => {
    if ("is_deleted" in record && record.is_deleted) return false;
    // Archived ones have a list of their own.
    if ("is_archived" in record && record.is_archived) return false;
    if (ids !== null && !("id" in record && ids.includes(String(record.id)))) return false;
    const at = "update_time" in record ? String(record.update_time) : "";
    return since === null || at >= since;
  });
  if (query.get("sort_direction") === "desc") kept.reverse();
  const start = Number(Buffer.from(query.get("cursor") ?? "", "base64url").toString() || 0);
  const end = start + Math.min(Number(query.get("limit") ?? 100), 500);
  const next_cursor = end < kept.length ? Buffer.from(String(end)).toString("base64url") : null;
  return { status: 200, body: { success: true, data: kept.slice(start, end), additional_data: { next_cursor } } };
}

function listVersion1({ query, settings }: Call, records: readonly CrmRecord[]): Reply {
  const kept = /DESC/i.test(query.get("sort") ?? "") ? records.toReversed() : records;
  const start = Number(query.get("start") ?? 0);
  const limit = Math.min(Number(query.get("limit") ?? 100), 500);
  const page = kept.slice(start, start + limit);
  const hasMore = start + limit < kept.length;
  const next = hasMore ? { next_start: start + limit } : {};
  const pagination = { start, limit, more_items_in_collection: hasMore, ...next };
  return {
    status: 200,
    body: {
      success: true,
      data: page.length === 0 && settings.emptyIsNull ? null : page,
      additional_data: { pagination },
    },
  };
}

/** A person or an organisation as version 2 shows them: without the sandbox's own notes. */
function shown(call: Call): (record: CrmRecord) => CrmRecord {
  return ({ indexed_at, marketing_changed, marketing_status, ...record }) =>
    isMarketingShown(call) ? { ...record, marketing_status } : record;
}

/** Version 2 validates strictly, and since 2026-05 names the custom field that is wrong. */
function bodyProblem({ crm, body2 }: Call, kind: FieldKind): Reply | null {
  const { custom_fields = {}, owner_id, org_id, person_id, name, title } = body2;
  if (String(name ?? title ?? "").length > 255) return failure(400, "must not be longer than 255 characters");
  if (typeof custom_fields !== "object" || custom_fields === null || Array.isArray(custom_fields)) return unknown;
  for (const [name, id] of Object.entries({ owner_id, org_id, person_id }))
    if (id !== undefined && typeof id !== "number") return failure(400, `"${name}" must be a number`);
  for (const [code, value] of Object.entries(custom_fields)) {
    const field = crm.fields[kind].find(({ field_code }) => field_code === code);
    if (!field || !fits(field, value, 2)) return invalid(code);
  }
  return null;
}

/** Fields that only companies with Contact Sync have. */
function contactSync(body: Record<string, unknown>): Reply | null {
  const forbidden = ["job_title", "notes", "im", "birthday", "postal_address"].find((key) => key in body);
  return forbidden === undefined ? null : failure(403, `${forbidden} needs Contact Sync`);
}

function contacts(list: unknown): Contact[] {
  const given = Array.isArray(list) ? (list as Partial<Contact>[]) : [];
  const hasPrimary = given.some(({ primary }) => primary);
  return given.map(({ value = "", primary = false, label = "work" }, i) => ({
    value,
    primary: hasPrimary ? primary : i === 0,
    label,
  }));
}

function valuesOf(list: unknown): string[] {
  return Array.isArray(list) ? (list as Contact[]).map(({ value }) => value) : [];
}

function apiPath(pathname: string): string {
  return pathname.replace(/^\/pipedrive\/api\//, "");
}

function accessProblem(token: string, settings: PipedriveSettings): Reply | null {
  const isRight = settings.apiToken === null ? token !== "" : token === settings.apiToken;
  if (!isRight) return failure(401, "unauthorized access", unauthorized);
  return settings.unpaid ? failure(402, "Payment required") : null;
}

const unauthorized = { errorCode: 401, error_info: "Please check developers.pipedrive.com" };

function limitHeaders(settings: PipedriveSettings, left: number, budget: number): Record<string, string> {
  return {
    "x-ratelimit-limit": String(settings.requestsPer2s),
    "x-ratelimit-remaining": String(left),
    "x-ratelimit-reset": "2",
    ...(settings.dailyHeaders && {
      "x-daily-ratelimit-token-limit": String(settings.dailyBudget),
      "x-daily-ratelimit-token-remaining": String(budget),
    }),
  };
}

function edgePage(): VendorAnswer {
  const body = "<!DOCTYPE html><html><head><title>Access denied</title></head><body>Error 1015</body></html>";
  return { status: 403, headers: { "content-type": "text/html", server: "cloudflare" }, body, applied: false };
}

function reply({ status, body, applied = false, recordIds }: Reply, headers: Record<string, string>): VendorAnswer {
  return {
    status,
    headers: { "content-type": "application/json", ...headers, ...(status === 401 ? { "x-401-by-gw": "true" } : {}) },
    body: JSON.stringify(body),
    applied,
    ...(recordIds ? { recordIds } : {}),
  };
}
