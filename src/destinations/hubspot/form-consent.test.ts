import { expect, test } from "vitest";
import { aConsent } from "../../../test/support/a-lead.ts";
import type { ConsentEvent } from "../../model/consent.ts";
import { legalConsentOptions } from "./form-consent.ts";

const subscriptions = { marketing: 42, news: 43 };
const enquiry = aConsent({ text: "You may answer me." });
const marketing = (changes: Partial<ConsentEvent> = {}) =>
  aConsent({ purpose: "marketing", text: "Write to me.", ...changes });
const interest = { subscriptionTypeId: 42, legalBasis: "LEAD", text: "We may write to you." } as const;
const form = { portalId: "1", formId: "f" };

test("the ground is the consent, each purpose with its own wording", () => {
  const consents = [enquiry, marketing(), aConsent({ purpose: "news", action: "refused", text: "News, please." })];
  expect(legalConsentOptions({ consents }, { subscriptions, form })).toEqual({
    consent: {
      consentToProcess: true,
      text: "You may answer me.",
      communications: [
        { value: true, subscriptionTypeId: 42, text: "Write to me." },
        { value: false, subscriptionTypeId: 43, text: "News, please." },
      ],
    },
  });
});

test.each([
  ["nobody was asked about", []],
  ["that waits for a confirmation", [marketing({ action: "requested" })]],
  ["of unknown wording", [marketing({ text: null })]],
])("a purpose %s is left out", (_, more) => {
  const ground = legalConsentOptions({ consents: [enquiry, ...more] }, { subscriptions, form });
  expect(ground).toEqual({ consent: { consentToProcess: true, text: "You may answer me.", communications: [] } });
});

test("there is no ground to tell of without consent, and none without its wording", () => {
  for (const consents of [[], [aConsent({ text: null })], [aConsent({ action: "withdrawn" })]]) {
    expect(legalConsentOptions({ consents }, { subscriptions, form })).toBeNull();
  }
});

test.each([
  ["nobody was asked", [], true],
  ["it was granted", [marketing()], true],
  ["it was refused", [marketing({ action: "refused" })], false],
  ["it was withdrawn", [marketing(), marketing({ action: "withdrawn" })], false],
])(
  "a legitimate interest in what a consent is asked for is told of only where the person has not said no: %s",
  (_, more, told) => {
    const options = { subscriptions, form: { ...form, legitimateInterest: interest } };
    const ground = legalConsentOptions({ consents: [enquiry, ...more] }, options);
    expect(ground).toEqual(told ? { legitimateInterest: { value: true, ...interest } } : null);
  },
);
