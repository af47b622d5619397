import * as z from "zod";
import { latestConsent } from "../../model/consent.ts";
import type { Lead } from "../../model/lead.ts";
import type { Outcome } from "../../model/outcome.ts";
import { answered } from "../shared/outcome-of.ts";
import { part } from "./api.ts";
import { failedLook, verdict } from "./errors.ts";
import type { Options } from "./options.ts";
import { keep, note, type Step, type Work, wanted } from "./work.ts";

/** What every form of HubSpot's can hold; the rest is written to the contact. */
const fieldNames = ["firstname", "lastname", "phone", "company", "message"];
/** How far back a submission may be dated. */
const longestBackdateMs = 28 * 86_400_000;
const mostRepairs = 12;
const mostPages = 20;
/** A submission becomes a contact within seconds. */
const looksForContact = 3;

const refusal = z.object({
  errors: z.array(z.object({ message: z.string().catch(""), errorType: z.string().catch("") })),
});
const submissions = z.object({
  results: z.array(
    z.object({ submittedAt: z.number(), values: z.array(z.object({ name: z.string(), value: z.string() })) }),
  ),
  paging: z.object({ next: z.object({ after: z.string() }).optional() }).optional(),
});

/** A form submission as HubSpot takes it. */
export type FormBody = {
  fields: { objectTypeId: "0-1"; name: string; value: string }[];
  submittedAt?: number;
  context: Partial<Record<"hutk" | "pageUri" | "pageName", string>>;
  legalConsentOptions?: object;
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
    const found = await isSubmitted(work, form, state.form.at);
    if (typeof found !== "boolean") return found;
    if (found) return done(work);
  }
  await keep(work, { form: { at: context.now(), done: false } });
  const url = formAddress(options, form);
  // A form writes its fields to the contact: an older lead's must not take the place of a newer one's.
  const values = context.superseded ? {} : wanted(work, "contacts").always;
  let body = formBody(lead, values, form, context.now());
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
  form: Pick<NonNullable<Options["form"]>, "subscriptionTypes">,
  now: number,
): FormBody {
  const { hutk, pageName, url } = lead.attribution;
  const consent = legalConsent(lead, form.subscriptionTypes);
  return {
    fields: [
      { objectTypeId: "0-1", name: "email", value: lead.email ?? "" },
      ...fieldNames.flatMap((name) =>
        values[name] === undefined ? [] : [{ objectTypeId: "0-1" as const, name, value: values[name] }],
      ),
    ],
    ...(now - lead.receivedAt < longestBackdateMs ? { submittedAt: submittedAt(lead) } : {}),
    context: {
      ...(hutk === undefined ? {} : { hutk }),
      ...(url === null ? {} : { pageUri: url }),
      ...(pageName === undefined ? {} : { pageName }),
    },
    ...(consent === null ? {} : { legalConsentOptions: consent }),
  };
}

/**
 * When the lead came, to within two seconds: the milliseconds come from the lead's id, so that its submission can be told from
 * another one of that person and second.
 */
function submittedAt({ id, receivedAt }: Lead): number {
  const own = Number.parseInt(id.slice(-8), 16) % 1_000;
  return Math.floor(receivedAt / 1_000 - 1) * 1_000 + (Number.isNaN(own) ? 0 : own);
}

/** The consent as it stands, word for word. Null when it was not given, or with wording unknown. */
function legalConsent({ consents }: Lead, subscriptionTypes: Record<string, number>): object | null {
  const enquiry = latestConsent(consents, "enquiry");
  if (enquiry?.action !== "granted" || enquiry.text === null) return null;
  const communications = Object.entries(subscriptionTypes).flatMap(([purpose, subscriptionTypeId]) => {
    const asked = latestConsent(consents, purpose);
    const text = asked?.text ?? enquiry.text;
    return asked ? [{ value: asked.action === "granted", subscriptionTypeId, text }] : [];
  });
  return { consent: { consentToProcess: true, text: enquiry.text, communications } };
}

/** The submission without what the form names as wrong; null when that leaves nothing to try. */
function withoutRefused(body: FormBody, errors: z.infer<typeof refusal>["errors"]): FormBody | null {
  let left = body;
  for (const { message, errorType } of errors) {
    const place = contextKeys[errorType] ?? /Error in '(?:context\.|fields\.)?([^']+)'/.exec(message)?.[1];
    const { [place as keyof FormBody["context"]]: _, ...context } = left.context;
    const fields = left.fields.filter(({ name }) => name === "email" || name !== place);
    const { legalConsentOptions, ...rest } = left;
    const keepsConsent = legalConsentOptions !== undefined && errorType !== "INVALID_LEGAL_OPTION_FORMAT";
    left = { ...rest, context, fields, ...(keepsConsent ? { legalConsentOptions } : {}) };
  }
  return sizeOf(left) < sizeOf(body) ? left : null;
}

const contextKeys: Record<string, keyof FormBody["context"]> = { INVALID_HUTK: "hutk", INVALID_PAGE_URI: "pageUri" };

function sizeOf({ fields, context, legalConsentOptions }: FormBody): number {
  return fields.length + Object.keys(context).length + (legalConsentOptions ? 1 : 0);
}

/**
 * Whether the form holds this lead's submission. Newest first, per
 * https://developers.hubspot.com/docs/api-reference/legacy/marketing/forms/v1/get-form-integrations-v1-submissions-forms-form_guid
 * (read 2026-11). A token that may not look is an outcome of its own: submitting again could double it.
 */
async function isSubmitted(work: Work, { formId }: { formId: string }, begunAt: number): Promise<boolean | Outcome> {
  const { lead, context } = work;
  const dated = context.now() - lead.receivedAt < longestBackdateMs;
  const earliest = dated ? submittedAt(lead) : begunAt - 60_000;
  let after = "";
  for (let page = 0; page < mostPages; page += 1) {
    const path = `/form-integrations/v1/submissions/forms/${part(formId)}?limit=50${after && `&after=${part(after)}`}`;
    const answer = await work.api.look("GET", path);
    const read = answer.ok ? submissions.safeParse(answer.body).data : undefined;
    if (!read) return failedLook(answer, context.now());
    const isOurs = read.results.some(
      (one) =>
        (dated ? one.submittedAt === earliest : one.submittedAt >= earliest) &&
        one.values.some(({ name, value }) => name === "email" && value.toLowerCase() === lead.email),
    );
    if (isOurs) return true;
    after = read.paging?.next?.after ?? "";
    if (!after || read.results.every((one) => one.submittedAt < earliest)) return false;
  }
  return {
    type: "retry",
    reason: { code: "not_found_yet", message: "the form holds too many newer submissions to look through" },
  };
}

function done(work: Work, warning?: string): null {
  if (warning !== undefined) warn(work, warning);
  note(work, { form: { at: work.state.form?.at ?? work.context.now(), done: true } });
  return null;
}

function warn(work: Work, warning: string): void {
  note(work, { warnings: [...new Set([...work.state.warnings, warning])] });
}
