import type { DestinationSpec } from "../model/destination.ts";
import type { ConfigProblem } from "../model/errors.ts";
import type { Environment } from "./environment.ts";
import { mailFromVariables, unpairedMail } from "./mail-from-variables.ts";
import { sheetsFromVariables, unpairedSheets } from "./sheets-from-variables.ts";

type Specs = Record<string, DestinationSpec>;

/**
 * The destinations the variables turn on, by id. Only the code of those is loaded: a start pays for what it uses. `confirms`: a
 * form asks for a confirmation by mail.
 */
export async function destinationsFromVariables(values: Environment, confirms: boolean): Promise<Specs> {
  const crm = { ...(await hooks(values)), ...(await hubspot(values)), ...(await pipedrive(values)) };
  return {
    ...crm,
    ...(await sheetsFromVariables(values, Object.keys(crm))),
    ...(await mailFromVariables(values, confirms)),
  };
}

/** Variables that say nothing without another. */
export function unpaired(values: Environment): ConfigProblem[] {
  return [...unpairedPipedrive(values), ...unpairedSheets(values), ...unpairedMail(values)];
}

async function hooks(values: Environment): Promise<Specs> {
  const { ZAPIER_WEBHOOK_URL, MAKE_WEBHOOK_URL, CRM_WEBHOOK_URL, CRM_WEBHOOK_SECRET } = values;
  const basis = values.LEADKEEP_LAWFUL_BASIS;
  const specs: Specs = {};
  if (ZAPIER_WEBHOOK_URL) {
    const { zapier } = await import("../destinations/zapier.ts");
    specs.zapier = zapier({ url: ZAPIER_WEBHOOK_URL, basis });
  }
  if (MAKE_WEBHOOK_URL) {
    const { make } = await import("../destinations/make.ts");
    specs.make = make({ url: MAKE_WEBHOOK_URL, basis });
  }
  if (CRM_WEBHOOK_URL) {
    const { webhook } = await import("../destinations/webhook.ts");
    const secret = CRM_WEBHOOK_SECRET?.split(/\s+/);
    specs.webhook = webhook({ url: CRM_WEBHOOK_URL, basis, ...(secret ? { secret } : {}) });
  }
  return specs;
}

async function hubspot(values: Environment): Promise<Specs> {
  const { HUBSPOT_ACCESS_TOKEN: accessToken, HUBSPOT_BASE_URL: baseUrl, HUBSPOT_FORMS_BASE_URL: formsBaseUrl } = values;
  const portalId = values.HUBSPOT_PORTAL_ID;
  if (!accessToken) return {};
  const destination = await import("../destinations/hubspot/hubspot.ts");
  const hosts = { ...(baseUrl ? { baseUrl } : {}), ...(formsBaseUrl ? { formsBaseUrl } : {}) };
  return {
    hubspot: destination.hubspot({
      accessToken,
      basis: values.LEADKEEP_LAWFUL_BASIS,
      ...hosts,
      ...(portalId ? { portalId } : {}),
    }),
  };
}

async function pipedrive(values: Environment): Promise<Specs> {
  const { PIPEDRIVE_API_TOKEN: apiToken, PIPEDRIVE_DOMAIN: domain, PIPEDRIVE_BASE_URL: baseUrl } = values;
  if (!apiToken || !(domain || baseUrl)) return {};
  const destination = await import("../destinations/pipedrive/pipedrive.ts");
  const host = { ...(domain ? { domain } : {}), ...(baseUrl ? { baseUrl } : {}) };
  return { pipedrive: destination.pipedrive({ apiToken, basis: values.LEADKEEP_LAWFUL_BASIS, ...host }) };
}

function unpairedPipedrive({
  PIPEDRIVE_API_TOKEN,
  PIPEDRIVE_DOMAIN,
  PIPEDRIVE_BASE_URL,
}: Environment): ConfigProblem[] {
  if (PIPEDRIVE_API_TOKEN && !PIPEDRIVE_DOMAIN && !PIPEDRIVE_BASE_URL) {
    const cure = "Set it to your company's domain at Pipedrive, such as acme or acme.pipedrive.com.";
    return [{ path: "PIPEDRIVE_DOMAIN", message: "is needed beside PIPEDRIVE_API_TOKEN.", cure }];
  }
  if (PIPEDRIVE_DOMAIN && !PIPEDRIVE_API_TOKEN) {
    const cure = "Set it to your personal API token of Pipedrive, or unset PIPEDRIVE_DOMAIN.";
    return [{ path: "PIPEDRIVE_API_TOKEN", message: "is needed beside PIPEDRIVE_DOMAIN.", cure }];
  }
  return [];
}
