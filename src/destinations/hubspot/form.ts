import * as z from "zod";
import type { Lead } from "../../model/lead.ts";
import { answered } from "../shared/outcome-of.ts";
import { part } from "./api.ts";
import { verdict } from "./errors.ts";
import { findSubmission, submittedAt } from "./find-submission.ts";
import { type LegalConsentOptions, legalConsentOptions } from "./form-consent.ts";
import type { Options } from "./options.ts";
import { keep, note, type Step, type Work, wanted, warn } from "./work.ts";

/** What every form of HubSpot's can hold; the rest is written to the contact. */
const fieldNames = ["firstname", "lastname", "phone", "company", "message"];
const mostRepairs = 12;
/** A submission becomes a contact within seconds. */
const looksForContact = 3;

const refusal = z.object({
  errors: z.array(z.object({ message: z.string().catch(""), errorType: z.string().catch("") })),
});

/** A form submission as HubSpot takes it. */
export type FormBody = {
  fields: { objectTypeId: "0-1"; name: string; value: string }[];
  submittedAt?: number;
  context: Partial<Record<"hutk" | "pageUri" | "pageName", string>>;
  legalConsentOptions?: LegalConsentOptions;
};

/**
 * Submits the lead to a form, once. It comes before the contact, which HubSpot then makes itself, with its own attribution.
 * The address is still under v3, which has no successor in the dated API, per
 * https://developers.hubspot.com/docs/api-reference/legacy/marketing/forms/v3-legacy/submit-data-authenticated (read 2026-11).
 * What the form does not take is left out; a form that refuses the whole costs a warning, not the lead.
 */
export const formStep: Step = async (work) => {
  const { options, state, lead, context } = work;
  const { form } = options;
  if (!form || state.form?.done || state.contact !== undefined) return null;
  if (lead.email === null) return done(work, "not submitted to the form: HubSpot's forms tell people apart by e-mail");
  if (state.form) {
    const sought = { formId: form.formId, begunAt: state.form.at, email: lead.email, now: context.now() };
    const found = await findSubmission(work.api, lead, sought);
    if ("type" in found) return found;
    if (found.email !== null) return done(work);
  }
  await keep(work, { form: { at: context.now(), done: false } });
  const url = formAddress(options, form);
  // A form writes its fields to the contact: an older lead's must not take the place of a newer one's.
  const values = context.superseded ? {} : wanted(work, "contacts").always;
  let body = formBody(lead, values, options, context.now());
  for (let repairs = 0; ; repairs += 1) {
    const answer = await work.api.write("POST", url, body);
    if (answer.ok) {
      work.looksForFormContact = looksForContact;
      return done(work);
    }
    if (answer.status === 404) {
      const detail = ': there is no such form; correct "portalId" and "formId"';
      return { type: "blocked", reason: answered(404, "form_not_found", detail) };
    }
    if (answer.status !== 400) return verdict(answer, context.now());
    const errors = refusal.safeParse(answer.body).data?.errors ?? [];
    const repaired = repairs < mostRepairs ? withoutRefused(body, errors) : null;
    const types = [...new Set(errors.map(({ errorType }) => errorType))].join(", ");
    if (repaired === null)
      return done(work, `the form did not take the submission (${types || "400"}); the contact was written`);
    if (repaired.legalConsentOptions !== body.legalConsentOptions)
      warn(work, `the form did not take the consent (${types})`);
    body = repaired;
  }
};

/** Where a form is submitted to. */
export function formAddress({ formsBaseUrl }: Options, { portalId, formId }: NonNullable<Options["form"]>): string {
  return `${formsBaseUrl}/submissions/v3/integration/secure/submit/${part(portalId)}/${part(formId)}`;
}

/** The submission of a lead. The hash of the visitor's address is no address: none is sent. Pure. */
export function formBody(
  lead: Lead,
  values: Record<string, string>,
  options: Pick<Options, "subscriptions" | "form">,
  now: number,
): FormBody {
  const { hutk, pageName, url } = lead.attribution;
  const consent = legalConsentOptions(lead, options);
  const at = submittedAt(lead, now);
  return {
    fields: [
      { objectTypeId: "0-1", name: "email", value: lead.email ?? "" },
      ...fieldNames.flatMap((name) =>
        values[name] === undefined ? [] : [{ objectTypeId: "0-1" as const, name, value: values[name] }],
      ),
    ],
    ...(at === null ? {} : { submittedAt: at }),
    context: {
      ...(hutk === undefined ? {} : { hutk }),
      ...(url === null ? {} : { pageUri: url }),
      ...(pageName === undefined ? {} : { pageName }),
    },
    ...(consent === null ? {} : { legalConsentOptions: consent }),
  };
}

/** The submission without what the form names as wrong; null when that leaves nothing to try. */
function withoutRefused(body: FormBody, errors: z.infer<typeof refusal>["errors"]): FormBody | null {
  let left = body;
  for (const { message, errorType } of errors) {
    const place = contextKeys[errorType] ?? /Error in '(?:context\.|fields\.)?([^']+)'/.exec(message)?.[1];
    const { [place as keyof FormBody["context"]]: _, ...context } = left.context;
    const fields = left.fields.filter(({ name }) => name === "email" || name !== place);
    const { legalConsentOptions, ...rest } = left;
    const keepsConsent = legalConsentOptions !== undefined && !consentErrors.has(errorType);
    left = { ...rest, context, fields, ...(keepsConsent ? { legalConsentOptions } : {}) };
  }
  return sizeOf(left) < sizeOf(body) ? left : null;
}

const contextKeys: Record<string, keyof FormBody["context"]> = { INVALID_HUTK: "hutk", INVALID_PAGE_URI: "pageUri" };

/** What is wrong with the ground itself. A ground that is missing (`MISSING_PROCESSING_CONSENT`) is nothing to leave out. */
const consentErrors: ReadonlySet<string> = new Set([
  "INVALID_LEGAL_OPTION_FORMAT",
  "MISSING_PROCESSING_CONSENT_TEXT",
  "MISSING_COMMUNICATION_CONSENT_TEXT",
  "MISSING_LEGITIMATE_INTEREST_TEXT",
  "DUPLICATE_SUBSCRIPTION_TYPE_ID",
]);

function sizeOf({ fields, context, legalConsentOptions }: FormBody): number {
  return fields.length + Object.keys(context).length + (legalConsentOptions ? 1 : 0);
}

function done(work: Work, warning?: string): null {
  if (warning !== undefined) warn(work, warning);
  note(work, { form: { at: work.state.form?.at ?? work.context.now(), done: true } });
  return null;
}
