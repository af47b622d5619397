import type { PlannedRequest } from "../../model/destination.ts";
import type { Json } from "../../model/json.ts";
import type { Lead } from "../../model/lead.ts";
import { mappedValues } from "../shared/field-map.ts";
import { addressOf, headersOf } from "./call.ts";
import { noteContent } from "./note.ts";
import type { Options } from "./options.ts";
import { newPerson } from "./person.ts";
import { findField, wholeMap } from "./placing.ts";
import { titleOf } from "./record.ts";

const noFields = { deal: [], person: [], organization: [] };

/**
 * The requests for a lead whose person is not there yet. What only the account knows stands in braces: ids that come back,
 * and custom fields by their names instead of their keys.
 */
export function plan(lead: Lead, options: Options): PlannedRequest[] {
  const company = lead.company?.trim();
  const organization = company ? "{organization id}" : null;
  const term = lead.email ?? lead.phone ?? "";
  const isLead = options.target === "lead";
  const search = {
    term,
    fields: lead.email ? "email" : "phone",
    limit: 50,
    ...(lead.email ? { exact_match: "true" } : {}),
  };
  return [
    ...(company
      ? [
          get(options, "v2/organizations/search", { term: company, fields: "name", exact_match: "true", limit: 50 }),
          post(options, "v2/organizations", { name: company, ...mappedOf(lead, options, "organization") }),
        ]
      : []),
    get(options, "v2/persons/search", search),
    post(options, "v2/persons", { ...newPerson(lead, organization), ...mappedOf(lead, options, "person") }),
    post(options, isLead ? "v1/leads" : "v2/deals", {
      title: titleOf(lead),
      person_id: "{person id}",
      ...(organization ? { [isLead ? "organization_id" : "org_id"]: organization } : {}),
      ...(isLead ? { origin_id: lead.id } : {}),
      ...mappedOf(lead, options, "deal"),
    }),
    ...(options.note
      ? [
          post(options, "v1/notes", {
            content: noteContent(lead, []),
            ...(isLead ? { lead_id: "{lead id}" } : { deal_id: "{deal id}" }),
          }),
        ]
      : []),
  ];
}

function mappedOf(lead: Lead, options: Options, wanted: string): Record<string, Json> {
  const body: Record<string, Json> = {};
  const custom: Record<string, Json> = {};
  for (const { name, value } of mappedValues(wholeMap(options), lead)) {
    const { entity, name: ownName, field } = findField(name, options, noFields);
    if (entity !== wanted) continue;
    if (field) body[field.code] = value;
    else custom[`{${ownName}}`] = value;
  }
  if (wanted === "deal" && options.target === "lead") return { ...body, ...custom };
  return Object.keys(custom).length > 0 ? { ...body, custom_fields: custom } : body;
}

function get(options: Options, path: string, query: Record<string, string | number>): PlannedRequest {
  return { method: "GET", url: addressOf(options, path, query), headers: headersOf(options), body: "" };
}

function post(options: Options, path: string, body: Record<string, Json>): PlannedRequest {
  return {
    method: "POST",
    url: addressOf(options, path),
    headers: headersOf(options, true),
    body: JSON.stringify(body),
  };
}
