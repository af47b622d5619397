import { afterEach, beforeEach, expect, test } from "vitest";
import { aPerson, type TestGateway } from "../support/a-gateway.ts";
import { aForm, aHubSpot, type TestHubSpot } from "../support/a-hubspot.ts";
import { until } from "../support/until.ts";

const hutk = "0123456789abcdef0123456789abcdef";
let hubspot: TestHubSpot;

beforeEach(async () => {
  hubspot = await aHubSpot();
  await hubspot.setUp();
});

afterEach(() => hubspot.close());

const submissions = () => hubspot.crm().submissions;

function start(options: Parameters<TestHubSpot["start"]>[0] = {}): Promise<TestGateway> {
  return hubspot.start({ form: aForm, ...options });
}

test("a lead is submitted to the form with the visitor's id, page and consent as they were at intake", async () => {
  const gateway = await start({ subscriptions: { marketing: 42 } });
  const delivery = await hubspot.send(gateway, {
    email: "ada@example.com",
    message: "Call me",
    hutk,
    page_url: "https://www.example.com/quote?utm_source=google",
    page_name: "Get a quote",
    marketing_consent: "on",
    _consent_text: "You may answer me.",
  });
  expect(delivery).toMatchObject({ state: "delivered", warnings: [] });
  expect(submissions()).toMatchObject([
    {
      context: { hutk, pageUri: "https://www.example.com/quote?utm_source=google", pageName: "Get a quote" },
      legalConsentOptions: {
        consent: {
          consentToProcess: true,
          text: "You may answer me.",
          communications: [{ value: true, subscriptionTypeId: 42, text: "You may answer me." }],
        },
      },
    },
  ]);
  expect(JSON.stringify(submissions())).not.toMatch(/ipAddress|hmac/);
  expect(hubspot.counts()).toEqual([1, 0, 0, 1]);
});

test("a submission subscribes, and HubSpot is asked to subscribe nobody twice", async () => {
  const gateway = await start({ subscriptions: { marketing: 42 } });
  const fields = { email: "ada@example.com", marketing_consent: "on", consent: "on", _consent_text: "Write to me." };
  expect((await hubspot.send(gateway, fields)).warnings).toEqual([]);
  expect(hubspot.crm().subscriptions.all()).toMatchObject([
    { status: "SUBSCRIBED", source: "FORM", ground: "Write to me." },
  ]);
});

test("on a legitimate interest a submission says so, in the wording configured", async () => {
  const legitimateInterest = { subscriptionTypeId: 43, text: "We may write to you about your enquiry." };
  const gateway = await start({ basis: "legitimate-interest", form: { ...aForm, legitimateInterest } });
  expect((await hubspot.send(gateway, { consent: "" })).warnings).toEqual([]);
  expect(submissions().map((one) => one.legalConsentOptions)).toEqual([
    { legitimateInterest: { value: true, legalBasis: "LEAD", ...legitimateInterest } },
  ]);
});

test.each(["MISSING_COMMUNICATION_CONSENT_TEXT", "DUPLICATE_SUBSCRIPTION_TYPE_ID", "INVALID_LEGAL_OPTION_FORMAT"])(
  "a ground the form finds wrong costs a warning, not the submission: %s",
  async (errorType) => {
    const gateway = await start();
    const body = JSON.stringify({ errors: [{ message: "Error in 'legalConsentOptions'.", errorType }] });
    // The first two calls read the properties' definitions and submit the form.
    hubspot.vendor.setFault({ type: "status", status: 400, times: 2, body });
    const delivery = await hubspot.send(gateway, { _consent_text: "You may answer me." });
    expect(delivery.warnings).toEqual([expect.stringContaining(errorType)]);
    expect(submissions()).toHaveLength(1);
    expect(submissions()[0]?.legalConsentOptions).toBeUndefined();
  },
);

test("a form that asks for consent is told of it, and without it takes nothing: the contact is written, with a warning", async () => {
  Object.assign(hubspot.vendor.settings, { formAsksForConsent: true });
  const gateway = await start();
  expect((await hubspot.send(gateway, { _consent_text: "You may answer me." })).warnings).toEqual([]);
  expect((await hubspot.send(gateway)).warnings).toEqual([expect.stringContaining("MISSING_PROCESSING_CONSENT")]);
  expect(hubspot.counts()).toEqual([2, 0, 0, 1]);
});

test("the contact is the one HubSpot made of the submission, with what only its forms know", async () => {
  Object.assign(hubspot.vendor.settings, { formLagMs: 300 });
  const gateway = await start();
  const delivery = await hubspot.send(gateway, { email: "ada@example.com", utm_source: "google" });
  const [contact] = hubspot.crm().all("contacts");
  expect(hubspot.counts()).toEqual([1, 0, 0, 1]);
  expect(delivery.ref).toBe(contact?.id);
  expect(contact?.properties).toMatchObject({ hs_analytics_source: "DIRECT_TRAFFIC", utm_source: "google" });
});

test("a visitor without a cookie is submitted all the same", async () => {
  const gateway = await start();
  await hubspot.send(gateway);
  expect(submissions()).toMatchObject([{ context: {} }]);
});

test.each([
  [{ hutk: "not-a-valid-one" }, "hutk"],
  [{ page_url: "http://localhost/quote" }, "pageUri"],
])("what the form calls invalid is left out and the rest submitted: %j", async (fields, key) => {
  const gateway = await start();
  const delivery = await hubspot.send(gateway, fields);
  expect(delivery.state).toBe("delivered");
  expect(submissions()).toHaveLength(1);
  expect(submissions()[0]?.context).not.toHaveProperty(key);
});

test("fields the form does not have are left out; the contact has them", async () => {
  Object.assign(hubspot.vendor.settings, { formFields: ["email", "firstname"] });
  const gateway = await start();
  await hubspot.send(gateway, { email: "ada@example.com", company: "Analytical Engines" });
  expect(submissions()[0]?.values.map(({ name }) => name)).toEqual(["email", "firstname"]);
  expect(hubspot.crm().all("contacts")[0]?.properties.company).toBe("Analytical Engines");
});

test("a form that refuses the whole costs a warning, not the lead", async () => {
  Object.assign(hubspot.vendor.settings, { formFields: ["firstname"] });
  const gateway = await start();
  const delivery = await hubspot.send(gateway);
  expect(delivery.warnings).toEqual([expect.stringContaining("FIELD_NOT_IN_FORM_DEFINITION")]);
  expect(hubspot.counts()).toEqual([1, 0, 0, 0]);
});

test("somebody without an e-mail becomes a contact without a submission, and a warning says so", async () => {
  const gateway = await start();
  const delivery = await hubspot.send(gateway, { email: "", phone: "+442079460018" });
  expect(delivery.warnings).toEqual([expect.stringContaining("not submitted to the form")]);
  expect(hubspot.counts()).toEqual([1, 0, 0, 0]);
});

test("a form that is not there pauses the lane", async () => {
  const gateway = await start({ form: { ...aForm, formId: "00000000-0000-0000-0000-000000000000" } });
  await gateway.post(aPerson());
  const [pause] = await until(async () => {
    const pauses = await gateway.gateway.ledger.pauses();
    return pauses.length > 0 && pauses;
  });
  expect(pause?.reason.code).toBe("form_not_found");
});
