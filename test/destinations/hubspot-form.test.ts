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
  const gateway = await start({ form: { ...aForm, subscriptionTypes: { marketing: 42 } } });
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
