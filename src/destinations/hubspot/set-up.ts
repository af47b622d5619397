import type { CheckResult, SetupStep, ToolContext } from "../../model/destination.ts";
import { LeadkeepError } from "../../model/errors.ts";
import { type Api, apiVersion, createApi } from "./api.ts";
import { verdict } from "./errors.ts";
import { contactNames, type Options } from "./options.ts";
import { type OwnProperty, ownProperties, propertyGroup } from "./own-properties.ts";
import { readProperties } from "./properties.ts";

const path = `/crm/properties/${apiVersion}/contacts`;

/** The property group and our properties, those that are to be written. @throws {LeadkeepError} when the token may not look */
export async function setUpHubSpot(options: Options, context: ToolContext): Promise<SetupStep[]> {
  const api = createApi(options, context);
  const named = new Set(contactNames(options));
  const wanted = ownProperties.filter(({ name }) => named.has(name));
  const found = await readProperties(
    api,
    "contacts",
    wanted.map(({ name }) => name),
    context.now,
  );
  if (!(found instanceof Map)) {
    const reason =
      found && "reason" in found ? found.reason.message : "the token lacks the scope crm.schemas.contacts.read";
    throw new LeadkeepError("cannot_look", `HubSpot's properties cannot be read: ${reason}.`);
  }
  const missing = wanted.filter(({ name }) => !found.has(name));
  const group = missing.length > 0 ? [await groupStep(api, context)] : [];
  return [
    ...group,
    ...wanted.map((property) => ({
      what: `contact property ${property.name} (${property.label})`,
      apply: found.has(property.name) ? null : () => make(api, path, propertyBody(property), property.name, context),
    })),
  ];
}

async function groupStep(api: Api, context: ToolContext): Promise<SetupStep> {
  const { name, label } = propertyGroup;
  const answer = await api.look("GET", `${path}/groups/${name}`);
  const body = { name, label, displayOrder: -1 };
  return {
    what: `property group ${name} (${label})`,
    apply: answer.ok ? null : () => make(api, `${path}/groups`, body, name, context),
  };
}

function propertyBody({ name, label, description, type, fieldType, unique }: OwnProperty): object {
  const options = [
    { label: "Yes", value: "true", displayOrder: 0, hidden: false },
    { label: "No", value: "false", displayOrder: 1, hidden: false },
  ];
  return {
    name,
    label,
    description,
    type,
    fieldType,
    groupName: propertyGroup.name,
    formField: !unique,
    ...(unique ? { hasUniqueValue: true } : {}),
    ...(type === "enumeration" ? { options } : {}),
  };
}

/** One that somebody made in the meantime is as good. */
async function make(api: Api, address: string, body: object, what: string, context: ToolContext): Promise<CheckResult> {
  const answer = await api.write("POST", address, body);
  if (answer.ok) return { what, result: "ok", detail: "made" };
  if (answer.status === 409) return { what, result: "ok", detail: "is there already" };
  const outcome = verdict(answer, context.now());
  const detail = "reason" in outcome ? outcome.reason.message : `answered ${answer.status}`;
  return { what, result: "problem", detail, cure: "The token needs the scope crm.schemas.contacts.write." };
}
