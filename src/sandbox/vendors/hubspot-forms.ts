import * as z from "zod";
import type { Call, Reply } from "./hubspot.ts";
import { type Crm, isRefusal } from "./hubspot-crm.ts";
import type { HubSpotSettings } from "./hubspot-settings.ts";

const submission = z.object({
  fields: z.array(z.object({ name: z.string(), value: z.string() })).max(1_000),
  submittedAt: z.number().optional(),
  context: z.record(z.string(), z.unknown()).default({}),
  legalConsentOptions: z.unknown().optional(),
});
const communication = z.object({
  value: z.boolean(),
  subscriptionTypeId: z.number().int(),
  text: z.string().optional(),
});
const ground = z.union([
  z.strictObject({
    consent: z.strictObject({
      consentToProcess: z.boolean(),
      text: z.string().optional(),
      communications: z.array(communication).default([]),
    }),
  }),
  z.strictObject({
    legitimateInterest: z.strictObject({ ...communication.shape, legalBasis: z.enum(["CUSTOMER", "LEAD"]) }),
  }),
]);
type Ground = z.output<typeof ground>;
const monthMs = 31 * 86_400_000;

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
  subscribe(crm, values.email ?? "", ground.safeParse(input.legalConsentOptions).data);
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

/** What was agreed to with the submission. Who has unsubscribed stays so. */
function subscribe(crm: Crm, email: string, given: Ground | undefined): void {
  if (!given) return;
  const agreed = "consent" in given ? given.consent.communications : [given.legitimateInterest];
  for (const { value, subscriptionTypeId, text = "" } of agreed) {
    const held = crm.subscriptions.of(email, subscriptionTypeId);
    if (!value || held?.status === "UNSUBSCRIBED") continue;
    crm.subscriptions.set(email, subscriptionTypeId, "SUBSCRIBED", { ground: text, source: "FORM" });
  }
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
  return [...errors, ...groundProblems(legalConsentOptions, settings)];
}

function groundProblems(given: unknown, { formAsksForConsent }: HubSpotSettings): [type: string, message: string][] {
  const problem = (type: string): [string, string][] => [[type, `Error in 'legalConsentOptions'. ${type}`]];
  if (given === undefined) return formAsksForConsent ? problem("MISSING_PROCESSING_CONSENT") : [];
  const read = ground.safeParse(given).data;
  if (!read) return problem("INVALID_LEGAL_OPTION_FORMAT");
  if ("legitimateInterest" in read) {
    if (formAsksForConsent) return problem("MISSING_PROCESSING_CONSENT");
    return read.legitimateInterest.text ? [] : problem("MISSING_LEGITIMATE_INTEREST_TEXT");
  }
  const { consentToProcess, text, communications } = read.consent;
  const ids = communications.map(({ subscriptionTypeId }) => subscriptionTypeId);
  return [
    ...(formAsksForConsent && !consentToProcess ? problem("MISSING_PROCESSING_CONSENT") : []),
    ...(text ? [] : problem("MISSING_PROCESSING_CONSENT_TEXT")),
    ...(communications.every((one) => one.text) ? [] : problem("MISSING_COMMUNICATION_CONSENT_TEXT")),
    ...(new Set(ids).size === ids.length ? [] : problem("DUPLICATE_SUBSCRIPTION_TYPE_ID")),
  ];
}

function refused(errors: readonly [type: string, message: string][]): Reply {
  const listed = errors.map(([errorType, message]) => ({ message, errorType }));
  return { status: 400, body: { status: "error", message: "The request is not valid", errors: listed } };
}
