import * as z from "zod";
import type { VendorRequest } from "../vendor.ts";
import type { HubSpotSettings } from "./hubspot.ts";
import { type Crm, isRefusal } from "./hubspot-crm.ts";

const submission = z.object({
  fields: z.array(z.object({ name: z.string(), value: z.string() })).max(1_000),
  submittedAt: z.number().optional(),
  context: z.record(z.string(), z.unknown()).default({}),
  legalConsentOptions: z.unknown().optional(),
});
const consent = z.object({
  consent: z.object({
    consentToProcess: z.boolean(),
    text: z.string().min(1),
    communications: z.array(z.object({ value: z.boolean(), subscriptionTypeId: z.number(), text: z.string().min(1) })),
  }),
});
const monthMs = 31 * 86_400_000;

type Call = { request: VendorRequest; crm: Crm; settings: HubSpotSettings; now(): number };
type Reply = { status: number; body: object; recordIds?: readonly string[] };

/**
 * A form submission, and the contact it becomes. Error types per
 * https://developers.hubspot.com/docs/api-reference/legacy/marketing/forms/v3-legacy/submit-data-authenticated (read 2026-11).
 */
export function submitForm({ request, crm, settings, now }: Call, [portalId, formId]: string[]): Reply {
  if (portalId !== settings.portalId || formId !== settings.formId) {
    return { status: 404, body: { status: "error", message: `No form with ID ${formId} exists` } };
  }
  const input = submission.safeParse(request.json).data;
  if (!input) return refused([["INVALID_METADATA", "The body is not a submission"]]);
  const errors = problemsOf(input, settings, now());
  if (errors.length > 0) return refused(errors);
  const values = Object.fromEntries(input.fields.map(({ name, value }) => [name, value]));
  const conversionId = `conversion-${crm.submissions.length + 1}`;
  crm.submissions.push({
    conversionId,
    formId,
    submittedAt: input.submittedAt ?? now(),
    values: input.fields,
    pageUrl: String(input.context.pageUri ?? ""),
    context: input.context,
    legalConsentOptions: input.legalConsentOptions,
  });
  const toContact = () => becomeContact(crm, values);
  if (settings.formLagMs === 0) toContact();
  else setTimeout(toContact, settings.formLagMs).unref();
  return {
    status: 200,
    body: { inlineMessage: "Thanks for submitting the form." },
    recordIds: [`submission/${conversionId}`],
  };
}

function becomeContact(crm: Crm, values: Record<string, string>): void {
  const held = values.email ? crm.contactBy("email", values.email) : undefined;
  const { email: _, ...others } = values;
  if (held) crm.update("contacts", held, others);
  else {
    const made = crm.create("contacts", { lifecyclestage: "lead", ...values });
    if (!isRefusal(made)) made.properties.hs_analytics_source = "DIRECT_TRAFFIC";
  }
}

function problemsOf(
  { fields, context, submittedAt, legalConsentOptions }: z.output<typeof submission>,
  settings: HubSpotSettings,
  now: number,
): [type: string, message: string][] {
  const errors: [string, string][] = [];
  for (const { name, value } of fields) {
    if (!settings.formFields.includes(name)) {
      errors.push(["FIELD_NOT_IN_FORM_DEFINITION", `Error in 'fields.${name}'. Field is not in the form definition`]);
    }
    if (name === "email" && !/^[^@\s]+@[^@\s]+\.[^@\s.]+$/.test(value)) {
      errors.push(["INVALID_EMAIL", "Error in 'fields.email'. Invalid email address"]);
    }
  }
  if (!fields.some(({ name }) => name === "email"))
    errors.push(["REQUIRED_FIELD", "Error in 'fields'. Required field 'email' is missing"]);
  const { hutk, pageUri, ipAddress } = context;
  if (hutk !== undefined && !/^[0-9a-f]{32}$/.test(String(hutk))) {
    errors.push(["INVALID_HUTK", `Error in 'context.hutk'. '${String(hutk)}' is not a valid Hutk`]);
  }
  if (pageUri !== undefined && !/^https?:\/\/[^/]+\.[^/]+/.test(String(pageUri))) {
    errors.push(["INVALID_PAGE_URI", "Error in 'context.pageUri'. It is not a valid page URI"]);
  }
  if (ipAddress !== undefined && !/^[\d.]+$|^[\da-f:]+$/i.test(String(ipAddress))) {
    errors.push(["INVALID_IP_ADDRESS", "Error in 'context.ipAddress'. It is not a valid IP address"]);
  }
  if (submittedAt !== undefined && (submittedAt > now || submittedAt < now - monthMs)) {
    errors.push(["INVALID_METADATA", "Error in 'submittedAt'. It is out of range"]);
  }
  if (legalConsentOptions !== undefined && !consent.safeParse(legalConsentOptions).success) {
    errors.push(["INVALID_LEGAL_OPTION_FORMAT", "Error in 'legalConsentOptions'. The format is not valid"]);
  }
  return errors;
}

function refused(errors: readonly [type: string, message: string][]): Reply {
  const listed = errors.map(([errorType, message]) => ({ message, errorType }));
  return { status: 400, body: { status: "error", message: "The request is not valid", errors: listed } };
}
