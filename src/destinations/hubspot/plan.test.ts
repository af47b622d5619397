import { expect, test } from "vitest";
import { aConsent, aLead, aMoment } from "../../../test/support/a-lead.ts";
import { options as schema } from "./options.ts";
import { planRequests } from "./plan.ts";

const base = { accessToken: "a-token" };

test("the plan of a lead is an update by e-mail, a creation, and what hangs on the contact", () => {
  const lead = aLead({
    id: "lead_01a20c60-a4b9-7003-8e30-a973e5ca6d47",
    email: "ada+1@example.com",
    firstName: "Ada",
    lastName: "Lovelace",
    name: "Ada Lovelace",
    message: "Call me",
    formData: {},
    consents: [aConsent()],
  });
  const options = schema.parse({ ...base, deal: { stage: "new" }, note: true, form: { portalId: 1, formId: "f" } });
  const requests = planRequests(lead, options, aMoment);
  expect(requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
    "POST https://api.hsforms.com/submissions/v3/integration/secure/submit/1/f",
    "PATCH https://api.hubapi.com/crm/objects/2026-09/contacts/ada%2B1%40example.com?idProperty=email",
    "POST https://api.hubapi.com/crm/objects/2026-09/contacts",
    "POST https://api.hubapi.com/crm/objects/2026-09/deals",
    "POST https://api.hubapi.com/crm/objects/2026-09/notes",
  ]);
  const [, update, create, deal, note] = requests.map(({ body }) => JSON.parse(body));
  expect(update).toEqual({
    properties: {
      firstname: "Ada",
      lastname: "Lovelace",
      message: "Call me",
      lead_form: "Contact",
      lead_submission_id: lead.id,
      lead_submitted_at: "2026-11-24T09:30:00.000Z",
      lead_consent: "true",
      lead_consent_at: "2026-11-24T09:30:00.000Z",
      lead_consent_text: "You may answer my enquiry.",
    },
  });
  expect(create.properties).toEqual({
    ...update.properties,
    email: "ada+1@example.com",
    lifecyclestage: "lead",
    hs_lead_status: "NEW",
  });
  expect(deal).toEqual({
    properties: {
      dealname: "Ada Lovelace: Contact",
      pipeline: "default",
      dealstage: "new",
      description: `Leadkeep ${lead.id}`,
    },
    associations: [
      { to: { id: "{contact}" }, types: [{ associationCategory: "HUBSPOT_DEFINED", associationTypeId: 3 }] },
    ],
  });
  expect(note.associations.map(({ to }: { to: { id: string } }) => to.id)).toEqual(["{contact}", "{deal}"]);
});

test("a consent with a subscription type ends the plan with the subscription, and its wording as the ground", () => {
  const marketing = aConsent({ purpose: "marketing", text: "Write to me." });
  const lead = aLead({ email: "ada+1@example.com", consents: [aConsent(), marketing] });
  const request = planRequests(lead, schema.parse({ ...base, subscriptions: { marketing: 42 } }), aMoment).at(-1);
  expect(request?.url).toBe("https://api.hubapi.com/communication-preferences/2026-09/statuses/ada%2B1%40example.com");
  expect(JSON.parse(request?.body ?? "")).toEqual({
    channel: "EMAIL",
    statusState: "SUBSCRIBED",
    subscriptionId: 42,
    legalBasis: "CONSENT_WITH_NOTICE",
    legalBasisExplanation: "Write to me.",
  });
});

test("the token is in the headers only, and what a lead lacks is not sent", () => {
  for (const { headers, url, body } of planRequests(aLead(), schema.parse(base), aMoment)) {
    expect(headers.authorization).toBe("Bearer a-token");
    expect(url + body).not.toContain("a-token");
    expect(body).not.toContain('""');
    expect(body).not.toContain("null");
  }
});

test("defaults can be replaced and left out", () => {
  const options = schema.parse({
    ...base,
    map: { firstname: { const: "X" } },
    without: ["company", "message", "hs_lead_status"],
  });
  const lead = aLead({ company: "Analytical Engines", message: "Call me" });
  const create = JSON.parse(planRequests(lead, options, aMoment)[1]?.body ?? "{}").properties;
  expect(create).toMatchObject({ firstname: "X" });
  expect(Object.keys(create)).not.toContain("company");
  expect(Object.keys(create)).not.toContain("hs_lead_status");
});
