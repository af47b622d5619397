import { latestConsent } from "../../model/consent.ts";
import type { Lead } from "../../model/lead.ts";
import type { Options } from "./options.ts";

/** On what ground a form submission comes, in HubSpot's words. */
export type LegalConsentOptions =
  | {
      consent: {
        consentToProcess: true;
        text: string;
        communications: { value: boolean; subscriptionTypeId: number; text: string }[];
      };
    }
  | {
      legitimateInterest: {
        value: true;
        subscriptionTypeId: number;
        legalBasis: "LEAD" | "CUSTOMER";
        text: string;
      };
    };

/**
 * The ground of a submission, word for word as it was shown. Null when there is none to tell: a consent that was not given, or
 * with wording unknown, and an interest in what the person has said no to. What waits for a confirmation is not answered yet
 * and left out. Shapes per
 * https://developers.hubspot.com/docs/api-reference/legacy/marketing/forms/v3-legacy/submit-data-authenticated (read 2026-11).
 */
export function legalConsentOptions(
  { consents }: Pick<Lead, "consents">,
  { subscriptions, form }: Pick<Options, "subscriptions" | "form">,
): LegalConsentOptions | null {
  const asked = Object.entries(subscriptions).flatMap(([purpose, subscriptionTypeId]) => {
    const event = latestConsent(consents, purpose);
    return event ? [{ event, subscriptionTypeId }] : [];
  });
  const interest = form?.legitimateInterest;
  if (interest) {
    const own = asked.find(({ subscriptionTypeId }) => subscriptionTypeId === interest.subscriptionTypeId);
    const isOpen = own === undefined || own.event.action === "granted";
    return isOpen ? { legitimateInterest: { value: true, ...interest } } : null;
  }
  const enquiry = latestConsent(consents, "enquiry");
  if (enquiry?.action !== "granted" || enquiry.text === null) return null;
  const communications = asked.flatMap(({ event: { action, text }, subscriptionTypeId }) =>
    action === "requested" || text === null ? [] : [{ value: action === "granted", subscriptionTypeId, text }],
  );
  return { consent: { consentToProcess: true, text: enquiry.text, communications } };
}
