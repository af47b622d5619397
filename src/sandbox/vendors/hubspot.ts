import * as z from "zod";
import type { VendorAnswer, VendorDefinition, VendorRequest } from "../vendor.ts";
import {
  type Crm,
  type CrmProperty,
  type CrmRecord,
  conflict,
  coordinates,
  invalid,
  isRefusal,
  newCrm,
  type ObjectType,
  objectTypes,
  type Refusal,
  tablesOf,
} from "./hubspot-crm.ts";
import { submitForm } from "./hubspot-forms.ts";
import { newLimits } from "./hubspot-limits.ts";
import { type HubSpotSettings, hubspotSettings } from "./hubspot-settings.ts";
import { changeStatus, listDefinitions, readStatuses } from "./hubspot-subscriptions.ts";

const version = "2026-09";
const mount = "/hubspot";

export type Call = { request: VendorRequest; crm: Crm; settings: HubSpotSettings; now(): number };
export type Reply = {
  status: number;
  body: object | null;
  recordIds?: readonly string[];
  headers?: Record<string, string>;
};
type Route = { pattern: RegExp; scope: string; answer(call: Call, parts: string[]): Reply };

/**
 * The part of HubSpot's API that leads need, stateful: https://developers.hubspot.com/docs/api-reference/latest/overview, errors
 * per https://developers.hubspot.com/docs/api-reference/error-handling (read 2026-11). Both hosts, the API's and that of the
 * forms, are at one address here.
 */
export const hubspot: VendorDefinition<typeof hubspotSettings, Crm> = {
  name: "hubspot",
  label: "HubSpot",
  mount: `${mount}/`,
  path: mount,
  settings: hubspotSettings,
  start({ settings, now }) {
    const crm = newCrm({ now, searchLagMs: () => settings.searchLagMs });
    const limits = newLimits(settings, now);
    const answer = (request: VendorRequest): VendorAnswer => {
      const path = (request.path.split("?")[0] ?? "").slice(mount.length);
      const place = `${request.method} ${path}`;
      if (settings.accessToken !== null && request.headers.authorization !== `Bearer ${settings.accessToken}`) {
        const message = "Authentication credentials not found.";
        return reply({ status: 401, body: { status: "error", message, category: "INVALID_AUTHENTICATION" } }, {});
      }
      const isSearch = path.endsWith("/search");
      const limit = limits.take(isSearch);
      if (limit.refusal) return reply(limit.refusal, limit.headers);
      for (const { pattern, scope, answer } of routes) {
        const parts = pattern.exec(place)?.slice(1).map(decodeURIComponent);
        if (!parts) continue;
        const needed = scope.replace("*", scopeOf(parts[0]));
        const lacks = settings.scopes !== null && needed !== "" && !settings.scopes.includes(needed);
        return reply(lacks ? missingScope(needed) : answer({ request, crm, settings, now }, parts), limit.headers);
      }
      return reply({ status: 404, body: { status: "error", message: "resource not found" } }, limit.headers);
    };
    return { answer, tables: () => tablesOf(crm), own: crm };
  },
};

const subscriptionScope = "communication_preferences.read_write";
const done: Reply = { status: 204, body: null };
const type = `(${objectTypes.join("|")})`;
const routes: readonly Route[] = [
  route("POST", `/crm/properties/${version}/${type}/batch/read`, "crm.schemas.*.read", readProperties),
  route("GET", `/crm/properties/${version}/${type}/groups/([^/]+)`, "crm.schemas.*.read", ({ crm }, [, name = ""]) =>
    crm.groups.has(name) ? ok({ name }) : notFound(),
  ),
  route("POST", `/crm/properties/${version}/${type}/groups`, "crm.schemas.*.write", createGroup),
  route("POST", `/crm/properties/${version}/${type}`, "crm.schemas.*.write", createProperty),
  route("POST", `/crm/objects/${version}/${type}/search`, "crm.objects.*.read", search),
  route("POST", `/crm/objects/${version}/${type}/batch/read`, "crm.objects.*.read", readMany),
  route("POST", `/crm/objects/${version}/${type}/batch/create`, "crm.objects.*.write", createMany),
  route("POST", `/crm/objects/${version}/${type}/batch/update`, "crm.objects.*.write", updateMany),
  route("POST", `/crm/objects/${version}/(contacts)/batch/upsert`, "crm.objects.*.write", upsertMany),
  route("POST", `/crm/objects/${version}/(contacts)/gdpr-delete`, "crm.objects.*.write", deleteForGood),
  route("POST", `/crm/objects/${version}/${type}`, "crm.objects.*.write", createOne),
  route("GET", `/crm/objects/${version}/${type}`, "crm.objects.*.read", ({ crm }, [name]) =>
    ok({
      results: crm
        .all(name as ObjectType)
        .slice(0, 1)
        .map((record) => shown(record)),
    }),
  ),
  route("GET", `/crm/objects/${version}/${type}/([^/]+)`, "crm.objects.*.read", (call, [name, id = ""]) => {
    const record = recordFor(call, name as ObjectType, id);
    const wanted = call.request.query.get("properties")?.split(",");
    return record ? ok(shown(record, wanted)) : notFound();
  }),
  route("PATCH", `/crm/objects/${version}/${type}/([^/]+)`, "crm.objects.*.write", updateOne),
  route("DELETE", `/crm/objects/${version}/${type}/([^/]+)`, "crm.objects.*.write", ({ crm }, [name, id = ""]) =>
    crm.remove(name as ObjectType, id) ? { ...done, recordIds: [] } : done,
  ),
  route("POST", `/crm/associations/${version}/(contacts)/${type}/batch/read`, "crm.objects.*.read", readAssociations),
  route("GET", `/crm/pipelines/${version}/deals/([^/]+)/stages/([^/]+)`, "", ({ crm }, [, stage]) =>
    crm.properties.deals.get("dealstage")?.options.some(({ value }) => value === stage)
      ? ok({ id: stage })
      : notFound(),
  ),
  route("GET", `/communication-preferences/${version}/definitions`, subscriptionScope, listDefinitions),
  route("GET", `/communication-preferences/${version}/statuses/([^/]+)`, subscriptionScope, readStatuses),
  route("POST", `/communication-preferences/${version}/statuses/([^/]+)`, subscriptionScope, changeStatus),
  route("GET", `/account-info/${version}/details`, "", ({ settings }) =>
    ok({ portalId: Number(settings.portalId), accountType: "STANDARD", timeZone: settings.timeZone }),
  ),
  route("POST", "/oauth/v2/private-apps/get/access-token-info", "", ({ settings }) =>
    settings.scopes === null ? notFound() : ok({ hubId: Number(settings.portalId), scopes: settings.scopes }),
  ),
  route("GET", "/marketing/v3/forms/([^/]+)", "forms", ({ settings }, [id]) =>
    id === settings.formId ? ok({ id }) : notFound(),
  ),
  route("POST", "/submissions/v3/integration/secure/submit/([^/]+)/([^/]+)", "forms", submitForm),
  route("GET", "/form-integrations/v1/submissions/forms/([^/]+)", "forms", listSubmissions),
];

function route(method: string, path: string, scope: string, answer: Route["answer"]): Route {
  return { pattern: new RegExp(`^${method} ${path}$`), scope, answer };
}

/** Notes come with the contacts' scopes. */
function scopeOf(name: string | undefined): string {
  return name === "deals" ? "deals" : "contacts";
}

const propertiesInput = z.record(z.string(), z.string());
const inputs = <T extends z.ZodType>(input: T) => z.object({ inputs: z.array(input).min(1).max(100) });
const associations = z
  .array(z.object({ to: z.object({ id: z.string() }), types: z.array(z.object({ associationTypeId: z.number() })) }))
  .default([]);
const createInput = z.object({ properties: propertiesInput, associations, objectWriteTraceId: z.string().optional() });
type CreateInput = z.output<typeof createInput>;
const upsertInput = z.object({
  id: z.string(),
  idProperty: z.string().optional(),
  properties: propertiesInput,
  objectWriteTraceId: z.string().optional(),
});

/** Of the type ids of associations, those leads need: to a contact, and from a note to a deal. */
const associatedType: Record<number, ObjectType> = { 3: "contacts", 202: "contacts", 214: "deals" };

function createOne(call: Call, [name]: string[]): Reply {
  const input = createInput.safeParse(call.request.json).data;
  return input ? created(call, name as ObjectType, input) : malformed();
}

function created({ crm, settings }: Call, name: ObjectType, { properties, associations }: CreateInput): Reply {
  const others = associations.map(({ to, types }) => ({
    type: associatedType[types[0]?.associationTypeId ?? 0] ?? "contacts",
    id: to.id,
  }));
  if (name === "contacts" && settings.recreating !== "allowed" && crm.isBlocked(properties.email ?? "")) {
    if (settings.recreating === "refused") return invalid("The contact was deleted in line with a privacy request");
    return { status: 409, body: { status: "error", message: "Contact already exists", category: "CONFLICT" } };
  }
  const made = crm.create(name, properties, others);
  if (!isRefusal(made)) return { status: 201, body: shown(made), recordIds: [`${name}/${made.id}`] };
  const holder = /Existing ID: (\d+)/.exec(String(made.body.message))?.[1];
  if (made.status !== 409 || holder === undefined || settings.conflicts === "conflict") return worded(made, settings);
  return { status: 400, body: coordinates("email", "552148386511", holder) };
}

function updateOne(call: Call, [name, id = ""]: string[]): Reply {
  const input = z.object({ properties: propertiesInput }).safeParse(call.request.json).data;
  if (!input) return malformed();
  const record = recordFor(call, name as ObjectType, id);
  if (!record) return notFound();
  const refusal = call.crm.update(name as ObjectType, record, input.properties);
  return refusal ? worded(refusal, call.settings) : { ...ok(shown(record)), recordIds: [] };
}

function deleteForGood({ crm, request, settings }: Call): Reply {
  const input = z.object({ objectId: z.string(), idProperty: z.string().optional() }).safeParse(request.json).data;
  if (!input) return malformed();
  const { objectId, idProperty } = input;
  const id = idProperty === undefined ? objectId : (crm.contactBy(idProperty, objectId)?.id ?? "");
  if (crm.records.contacts.has(id)) {
    crm.removeForGood(id);
    return { ...done, recordIds: [] };
  }
  if (settings.deletingNobody === 204) return done;
  return settings.deletingNobody === 404 ? notFound() : invalid("The contact does not exist");
}

/** Without trace ids for all, the first conflict refuses the whole (https://github.com/HubSpot/hubspot-api-python/issues/51). */
function createMany(call: Call, [name]: string[]): Reply {
  const input = inputs(createInput).safeParse(call.request.json).data;
  if (!input) return malformed();
  const isTraced =
    call.settings.multiStatus &&
    new Set(input.inputs.map((one) => one.objectWriteTraceId)).size === input.inputs.length;
  if (!isTraced) {
    const refused = input.inputs.map((one) => tried(call, name as ObjectType, one)).find((reply) => reply !== null);
    if (refused) return refused;
  }
  const results: object[] = [];
  const errors: object[] = [];
  const recordIds: string[] = [];
  for (const one of input.inputs) {
    const reply = created(call, name as ObjectType, one);
    const trace = call.settings.echoesTraceIds ? { objectWriteTraceId: one.objectWriteTraceId } : {};
    if (reply.status === 201) results.push({ ...reply.body, ...trace });
    else errors.push({ ...reply.body, context: { objectWriteTraceId: [one.objectWriteTraceId] } });
    recordIds.push(...(reply.recordIds ?? []));
  }
  const body = { status: "COMPLETE", results, ...(errors.length > 0 ? { numErrors: errors.length, errors } : {}) };
  return { status: errors.length > 0 ? 207 : 201, body, recordIds };
}

/** Why an input would be refused; null when it would not. */
function tried({ crm, settings }: Call, name: ObjectType, { properties }: CreateInput): Reply | null {
  const holder = name === "contacts" && properties.email ? crm.contactBy("email", properties.email) : undefined;
  if (holder) return { status: 409, body: conflict(holder.id) };
  const known = crm.properties[name];
  const unknown = Object.keys(properties).find((one) => !known.has(one));
  return unknown === undefined ? null : worded(unknownProperty(unknown), settings);
}

function updateMany(call: Call, [name]: string[]): Reply {
  const input = inputs(upsertInput).safeParse(call.request.json).data;
  if (!input) return malformed();
  const results: object[] = [];
  for (const one of input.inputs) {
    const record = call.crm.recordOf(name as ObjectType, one.id);
    if (!record) return notFound();
    const refusal = call.crm.update(name as ObjectType, record, one.properties);
    if (refusal) return worded(refusal, call.settings);
    results.push(shown(record));
  }
  return { ...ok({ status: "COMPLETE", results }), recordIds: [] };
}

/** All or none: one that is refused refuses the whole. */
function upsertMany(call: Call, _: string[]): Reply {
  const input = inputs(upsertInput).safeParse(call.request.json).data;
  if (!input) return malformed();
  const { crm, settings } = call;
  for (const { id, properties } of input.inputs) {
    if (!found(call, "email", id) && crm.contactBy("email", id)) {
      return { status: 409, body: conflict(crm.contactBy("email", id)?.id ?? "") };
    }
    const refusal = crm.problemWith("contacts", { ...properties, email: id });
    if (refusal) return worded(refusal, settings);
  }
  const recordIds: string[] = [];
  const results = input.inputs.flatMap(({ id, properties, objectWriteTraceId }) => {
    const trace = settings.echoesTraceIds ? { objectWriteTraceId } : {};
    const held = found(call, "email", id);
    if (held) {
      crm.update("contacts", held, properties);
      return [{ ...shown(held), new: false, ...trace }];
    }
    const made = crm.create("contacts", { ...properties, email: id });
    if (isRefusal(made)) return [];
    recordIds.push(`contacts/${made.id}`);
    return [{ ...shown(made), new: true, ...trace }];
  });
  return { ...ok({ status: "COMPLETE", results }), recordIds };
}

const readInput = z.object({
  properties: z.array(z.string()),
  idProperty: z.string().optional(),
  inputs: z
    .array(z.object({ id: z.string() }))
    .min(1)
    .max(100),
});

/** Each record once, merged ones under their new id. Those not found are errors beside the results. */
function readMany(call: Call, [name = ""]: string[]): Reply {
  const { crm, request, settings } = call;
  const input = readInput.safeParse(request.json).data;
  const { idProperty } = input ?? {};
  if (!input || (idProperty === undefined && input.inputs.some(({ id }) => !/^\d+$/.test(id)))) return malformed();
  const find = (id: string): CrmRecord | undefined =>
    idProperty === undefined ? crm.recordOf(name as ObjectType, id) : found(call, idProperty, id);
  const records = new Set(input.inputs.flatMap(({ id }) => find(id) ?? []));
  const wanted = input.properties.filter((one) => settings.namesMerged || !/^hs_(merged|calculated)_/.test(one));
  const results = [...records].map((record) => shown(record, wanted));
  const ids = input.inputs.flatMap(({ id }) => (find(id) ? [] : [id]));
  if (ids.length === 0 || settings.batchReadMisses === "left-out") return ok({ status: "COMPLETE", results });
  const message = `Could not get some ${name} objects, they may be deleted or not exist. Check that ids are valid.`;
  const errors = [{ status: "error", category: "OBJECT_NOT_FOUND", message, context: { ids } }];
  return { status: 207, body: { status: "COMPLETE", results, numErrors: 1, errors } };
}

function search({ crm, request, now }: Call, [name]: string[]): Reply {
  const filter = z.object({ propertyName: z.string(), operator: z.string(), value: z.string().optional() });
  const input = z
    .object({ filterGroups: z.array(z.object({ filters: z.array(filter) })).min(1) })
    .safeParse(request.json).data;
  if (!input) return malformed();
  const known = crm.properties[name as ObjectType];
  const unknown = input.filterGroups.flatMap(({ filters }) => filters).find((one) => !known.has(one.propertyName));
  if (unknown) return invalid(`There was a problem with the request: unknown property ${unknown.propertyName}`);
  const results = crm
    .all(name as ObjectType)
    .filter(
      ({ properties, shownFrom }) =>
        shownFrom <= now() &&
        input.filterGroups.some(({ filters }) =>
          filters.every(({ propertyName, operator, value }) => matches(operator, properties[propertyName], value)),
        ),
    );
  return ok({ total: results.length, results: results.slice(0, 100).map((record) => shown(record)) });
}

/** `CONTAINS_TOKEN` is taken at its simplest: whole words. */
function matches(operator: string, held: string | undefined, value: string | undefined): boolean {
  if (operator === "NOT_HAS_PROPERTY") return !held;
  return operator === "CONTAINS_TOKEN" ? (held ?? "").split(/[^\w-]+/).includes(value ?? "") : held === value;
}

function readAssociations({ crm, request }: Call, [, name = ""]: string[]): Reply {
  const input = inputs(z.object({ id: z.string() })).safeParse(request.json).data;
  if (!input) return malformed();
  const results = input.inputs.flatMap(({ id }) => {
    const to = crm.records.contacts.get(id)?.associations[name] ?? [];
    const associationTypes = [{ category: "HUBSPOT_DEFINED", typeId: 1, label: null }];
    return to.length === 0
      ? []
      : [{ from: { id }, to: to.map((toObjectId) => ({ toObjectId: Number(toObjectId), associationTypes })) }];
  });
  if (results.length === input.inputs.length) return ok({ status: "COMPLETE", results });
  const subCategory = "crm.associations.NO_ASSOCIATIONS_FOUND";
  const errors = [
    { status: "error", category: "OBJECT_NOT_FOUND", subCategory, message: "No associations were found" },
  ];
  return { status: 207, body: { status: "COMPLETE", results, numErrors: 1, errors } };
}

function readProperties({ crm, request }: Call, [name]: string[]): Reply {
  const input = inputs(z.object({ name: z.string() })).safeParse(request.json).data;
  if (!input) return malformed();
  const known = crm.properties[name as ObjectType];
  const results = input.inputs.flatMap((one) => {
    const property = known.get(one.name);
    return property ? [{ ...property, modificationMetadata: { readOnlyValue: property.readOnly } }] : [];
  });
  const missing = input.inputs.filter((one) => !known.has(one.name));
  if (missing.length === 0) return ok({ status: "COMPLETE", results });
  const errors = missing.map((one) => ({
    status: "error",
    category: "OBJECT_NOT_FOUND",
    context: { name: [one.name] },
  }));
  return { status: 207, body: { status: "COMPLETE", results, numErrors: errors.length, errors } };
}

const propertyInput = z.object({
  name: z.string().regex(/^[a-z][a-z0-9_]*$/),
  label: z.string().min(1),
  type: z.enum(["bool", "date", "datetime", "enumeration", "number", "phone_number", "string"]),
  fieldType: z.string().min(1),
  groupName: z.string(),
  hasUniqueValue: z.boolean().default(false),
  options: z.array(z.object({ label: z.string(), value: z.string() })).default([]),
});

function createProperty({ crm, request }: Call, [name]: string[]): Reply {
  const input = propertyInput.safeParse(request.json).data;
  if (!input) return malformed();
  if (crm.properties[name as ObjectType].has(input.name)) {
    return {
      status: 409,
      body: { status: "error", message: "A property named so already exists", category: "CONFLICT" },
    };
  }
  if (!crm.groups.has(input.groupName)) return invalid(`The group ${input.groupName} does not exist`);
  crm.define(name as ObjectType, input satisfies Partial<CrmProperty>);
  return { status: 201, body: input, recordIds: [`property/${input.name}`] };
}

function createGroup({ crm, request }: Call): Reply {
  const input = z.object({ name: z.string(), label: z.string() }).safeParse(request.json).data;
  if (!input) return malformed();
  if (crm.groups.has(input.name)) return { status: 409, body: { status: "error", category: "CONFLICT" } };
  crm.groups.add(input.name);
  return { status: 201, body: input, recordIds: [`group/${input.name}`] };
}

function listSubmissions({ crm, request, settings }: Call, [formId]: string[]): Reply {
  if (formId !== settings.formId) return notFound();
  const limit = Number(request.query.get("limit") ?? 20);
  const from = Number(request.query.get("after") ?? 0);
  const newest = [...crm.submissions].sort((a, b) => b.submittedAt - a.submittedAt);
  const results = newest
    .slice(from, from + limit)
    .map(({ conversionId, submittedAt, values, pageUrl }) => ({ conversionId, submittedAt, values, pageUrl }));
  const next = from + limit < newest.length ? { paging: { next: { after: String(from + limit) } } } : {};
  return ok({ results, ...next });
}

function recordFor(call: Call, name: ObjectType, id: string): CrmRecord | undefined {
  const property = call.request.query.get("idProperty");
  return property === null ? call.crm.recordOf(name, id) : found(call, property, id);
}

function found(
  { crm, settings }: Pick<Call, "crm" | "settings">,
  property: string,
  value: string,
): CrmRecord | undefined {
  const record = crm.contactBy(property, value);
  const isFirst = property !== "email" || record?.properties.email === value.toLowerCase();
  return isFirst || settings.findsBySecondEmail ? record : undefined;
}

function shown(
  { id, createdAt, updatedAt, properties }: CrmRecord,
  wanted?: readonly string[],
): Record<string, unknown> {
  const own = { hs_object_id: id, createdate: createdAt, lastmodifieddate: updatedAt };
  const chosen = wanted ? Object.fromEntries(wanted.map((name) => [name, properties[name] ?? null])) : properties;
  return { id, properties: { ...chosen, ...own }, createdAt, updatedAt, archived: false };
}

function worded({ status, body }: Refusal, { errorsInMessageOnly }: HubSpotSettings): Reply {
  if (!errorsInMessageOnly) return { status, body };
  const { errors: _, ...rest } = body;
  return { status, body: rest };
}

function unknownProperty(name: string): Refusal {
  const error = { isValid: false, message: `Property "${name}" does not exist`, error: "PROPERTY_DOESNT_EXIST", name };
  const errors = [{ message: error.message, code: error.error, context: { propertyName: [name] } }];
  const { status, body } = invalid(`Property values were not valid: ${JSON.stringify([error])}`);
  return { status, body: { ...body, errors } };
}

function missingScope(scope: string): Reply {
  const message = "This app hasn't been granted all required scopes to make this call.";
  const errors = [{ message, context: { requiredGranularScopes: [scope] } }];
  return { status: 403, body: { status: "error", message, category: "MISSING_SCOPES", errors } };
}

function ok(body: object): Reply {
  return { status: 200, body };
}

function notFound(): Reply {
  return { status: 404, body: { status: "error", message: "resource not found", category: "OBJECT_NOT_FOUND" } };
}

function malformed(): Reply {
  return invalid("Invalid input JSON");
}

let lastCorrelation = 0;

function reply({ status, body, recordIds, headers }: Reply, limits: Record<string, string>): VendorAnswer {
  lastCorrelation += 1;
  const isError = body !== null && "status" in body && body.status === "error";
  return {
    status,
    headers: { "content-type": "application/json;charset=utf-8", ...limits, ...headers },
    body:
      body === null ? "" : JSON.stringify(isError ? { ...body, correlationId: `sandbox-${lastCorrelation}` } : body),
    applied: status < 300 && recordIds !== undefined,
    recordIds: recordIds ?? [],
  };
}
