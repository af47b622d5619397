import { Webhook } from "standardwebhooks";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { make, webhook, zapier } from "../../src/destinations/index.ts";
import { configureDestination } from "../../src/model/configured-destination.ts";
import type { Lead } from "../../src/model/lead.ts";
import { flatPayload, leadPayload } from "../../src/model/payload.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/index.ts";
import { aToldDestination } from "../support/a-follow-up.ts";
import { aConsent, aLead, aMoment } from "../support/a-lead.ts";

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await startSandbox();
});
afterEach(() => sandbox.close());

const at = new Date(aMoment).toISOString();
const wording = { text: "You may answer my enquiry.", version: "1", at };

/** A person who has given two consents and taken one of them back. */
function aWithdrawnLead(given: Partial<Lead> = {}): Lead {
  return aLead({
    name: "Ada Lovelace",
    phone: "+442079460018",
    message: "typed once",
    formData: { message: "typed once" },
    consents: [
      aConsent(),
      aConsent({ purpose: "marketing", locale: "en", recipients: ["Example Ltd"] }),
      aConsent({ purpose: "marketing", action: "withdrawn", text: null, source: "link", control: null }),
    ],
    ...given,
  });
}

/** A person who has confirmed by mail what they had only asked for on the form. */
function aConfirmedLead(given: Partial<Lead> = {}): Lead {
  const request = aConsent({ purpose: "marketing", action: "requested" });
  return aWithdrawnLead({
    consents: [aConsent(), request, { ...request, action: "granted", source: "confirmation" }],
    ...given,
  });
}

const uuidOf = ({ id }: Lead): string => id.slice("lead_".length);

test("the consents of a payload say what was done, how, in which language and for whom", () => {
  const lead = aWithdrawnLead({ consents: [...aWithdrawnLead().consents, aConsent({ action: "requested" })] });
  expect(leadPayload(lead).consents).toEqual([
    {
      purpose: "enquiry",
      granted: true,
      action: "granted",
      ...wording,
      source: "form",
      locale: null,
      recipients: null,
    },
    {
      purpose: "marketing",
      granted: true,
      action: "granted",
      ...wording,
      source: "form",
      locale: "en",
      recipients: ["Example Ltd"],
    },
    {
      purpose: "marketing",
      granted: false,
      action: "withdrawn",
      ...wording,
      text: null,
      source: "link",
      locale: null,
      recipients: null,
    },
    {
      purpose: "enquiry",
      granted: false,
      action: "requested",
      ...wording,
      source: "form",
      locale: null,
      recipients: null,
    },
  ]);
  expect(leadPayload(lead).consent_given).toBe(false);
});

describe("a webhook", () => {
  const secret = `whsec_${Buffer.from("a secret of thirty-two bytes....").toString("base64")}`;

  test("is told of a withdrawal with the person, the purpose and the history, and nothing else they typed", async () => {
    const lead = aWithdrawnLead();
    const { url, received } = sandbox.vendors.webhook;
    const told = aToldDestination("webhook", webhook({ url }));
    expect(await told.withdraw(lead, "marketing")).toEqual({ type: "delivered", status: 200 });
    expect(received[0]?.json).toEqual({
      event_id: `evt_${uuidOf(lead)}_withdrawn-1`,
      event_type: "consent.withdrawn",
      schema_version: "1",
      lead_id: lead.id,
      email: lead.email,
      phone: "+442079460018",
      name: "Ada Lovelace",
      form_name: "Contact",
      purpose: "marketing",
      withdrawn_at: at,
      consents: leadPayload(lead).consents,
    });
  });

  test("is told of a consent that came after the lead, with the wording, its version, and nothing else they typed", async () => {
    const lead = aConfirmedLead();
    const { url, received } = sandbox.vendors.webhook;
    const told = aToldDestination("webhook", webhook({ url }));
    expect(await told.grant(lead, "marketing")).toEqual({ type: "delivered", status: 200 });
    expect(received[0]?.json).toEqual({
      event_id: `evt_${uuidOf(lead)}_granted-1`,
      event_type: "consent.granted",
      schema_version: "1",
      lead_id: lead.id,
      email: lead.email,
      phone: "+442079460018",
      name: "Ada Lovelace",
      form_name: "Contact",
      purpose: "marketing",
      granted_at: at,
      consents: leadPayload(lead).consents,
    });
    expect(leadPayload(lead).consents.at(-1)).toMatchObject({ ...wording, granted: true, source: "confirmation" });
  });

  test("is told of an erasure by ids alone", async () => {
    const lead = aWithdrawnLead();
    const { url, received } = sandbox.vendors.webhook;
    expect(await aToldDestination("webhook", webhook({ url })).erase(lead)).toEqual({ type: "delivered", status: 200 });
    expect(received[0]?.json).toEqual({
      event_id: `evt_${uuidOf(lead)}_erased-1`,
      event_type: "lead.erased",
      schema_version: "1",
      lead_id: lead.id,
      delivery_id: `dlv_${uuidOf(lead)}_webhook`,
      created_event_id: `evt_${uuidOf(lead)}`,
    });
  });

  test("gets follow-ups signed, each with an id of its own that every attempt repeats", async () => {
    const lead = aWithdrawnLead();
    const { url, received, settings } = sandbox.vendors.webhook;
    settings.secret = secret;
    const told = aToldDestination("webhook", webhook({ url, secret }));
    const signed = new Date(aMoment);
    for (const n of [1, 1, 2]) await told.withdraw(lead, "marketing", n);
    await told.erase(lead);
    const ids = received.map(({ headers }) => headers["webhook-id"]);
    const own = (tag: string) => `dlv_${uuidOf(lead)}_webhook_${tag}`;
    expect(ids).toEqual([own("withdrawn-1"), own("withdrawn-1"), own("withdrawn-2"), own("erased-1")]);
    for (const { headers, body } of received) {
      const id = headers["webhook-id"] ?? "";
      expect(headers["webhook-signature"]).toBe(new Webhook(secret).sign(id, signed, body));
      expect(headers["idempotency-key"]).toBe(id);
    }
    expect(new Set(received.map(({ body }) => JSON.parse(body).event_id)).size).toBe(3);
  });

  test("gets follow-ups unmapped", async () => {
    const { url, received } = sandbox.vendors.webhook;
    const told = aToldDestination("webhook", webhook({ url, map: () => ({ mapped: true }) }));
    await told.grant(aConfirmedLead(), "marketing");
    await told.withdraw(aWithdrawnLead(), "marketing");
    await told.erase(aLead());
    expect(received.map(({ json }) => (json as { event_type?: string }).event_type)).toEqual([
      "consent.granted",
      "consent.withdrawn",
      "lead.erased",
    ]);
  });

  test("that is not to be told leaves it to a person, and says so", async () => {
    const { url, received } = sandbox.vendors.webhook;
    const told = aToldDestination("webhook", webhook({ url, events: ["lead.created", "lead.erased"] }));
    expect(await told.withdraw(aWithdrawnLead(), "marketing")).toEqual({
      type: "rejected",
      reason: { code: "by_hand", message: expect.stringContaining('"consent.withdrawn" is not among the events') },
    });
    expect((await told.erase(aLead())).type).toBe("delivered");
    expect(received).toHaveLength(1);
  });

  test("that is not to be told of consents and erasures counts as one that cannot be", () => {
    const { url } = sandbox.vendors.webhook;
    const { destination } = aToldDestination(
      "webhook",
      webhook({ url, events: ["lead.created", "consent.withdrawn"] }),
    );
    expect([destination.grant, destination.erase]).toEqual([null, null]);
  });

  test("without the event lead.created is no destination", () => {
    const spec = webhook({ url: "https://example.com/hook", events: ["lead.erased"] });
    expect(configureDestination("webhook", spec).problems).toMatchObject([{ path: "destinations.webhook.events" }]);
  });

  test("that refuses a follow-up makes it a dead letter; one that is down is asked again", async () => {
    const told = aToldDestination("webhook", webhook({ url: sandbox.vendors.webhook.url }));
    sandbox.vendors.webhook.setFault({ type: "status", status: 422, times: 1 });
    expect((await told.erase(aLead())).type).toBe("rejected");
    sandbox.vendors.webhook.setFault({ type: "status", status: 503, times: 1 });
    expect((await told.erase(aLead())).type).toBe("retry");
  });
});

describe.each([
  ["zapier", zapier],
  ["make", make],
] as const)("%s", (id, kind) => {
  test("is not told of follow-ups unless the configuration says that it can tell them apart", async () => {
    const { url, received } = sandbox.vendors[id];
    const told = aToldDestination(id, kind({ url }));
    expect(await told.withdraw(aWithdrawnLead(), "marketing")).toEqual({
      type: "rejected",
      reason: { code: "by_hand", message: expect.stringMatching(/set followUps once it looks at event_type/) },
    });
    expect(received).toHaveLength(0);
    expect([told.destination.grant, told.destination.erase]).toEqual([null, null]);
  });

  test("with followUps gets them as flat objects with the keys of a lead", async () => {
    const lead = aWithdrawnLead();
    const { url, received, records } = sandbox.vendors[id];
    const told = aToldDestination(id, kind({ url, followUps: true }));
    expect((await told.withdraw(lead, "marketing")).type).toBe("delivered");
    expect((await told.erase(lead)).type).toBe("delivered");
    expect((await told.grant(aConfirmedLead({ id: lead.id }), "marketing")).type).toBe("delivered");
    const keys = Object.keys(flatPayload(aLead({ formData: {} })));
    const [withdrawn = {}, erased = {}, granted = {}] = received.map(({ json }) => json as Record<string, unknown>);
    expect([withdrawn, erased, granted].map((one) => Object.keys(one))).toEqual([keys, keys, keys]);
    expect(granted).toMatchObject({
      event_id: `evt_${uuidOf(lead)}_granted-1`,
      event_type: "consent.granted",
      lead_id: lead.id,
      email: lead.email,
      message: "",
      purpose: "marketing",
      granted_at: at,
      withdrawn_at: "",
      marketing_consent: true,
    });
    expect(withdrawn).toMatchObject({
      event_id: `evt_${uuidOf(lead)}_withdrawn-1`,
      event_type: "consent.withdrawn",
      lead_id: lead.id,
      email: lead.email,
      name: "Ada Lovelace",
      message: "",
      purpose: "marketing",
      withdrawn_at: at,
      consent_given: true,
      marketing_consent: false,
    });
    const filled = Object.entries(erased).filter(([, value]) => value !== "");
    expect(Object.fromEntries(filled)).toEqual({
      event_id: `evt_${uuidOf(lead)}_erased-1`,
      event_type: "lead.erased",
      schema_version: "1",
      lead_id: lead.id,
      submitted_at: at,
      timestamp: at,
      consent_given: false,
      marketing_consent: false,
    });
    expect([...records.keys()]).toEqual([withdrawn.event_id, erased.event_id, granted.event_id]);
  });

  test("has the keys of follow-ups in a lead too, so that the first sample shows them all", () => {
    const keys = { event_type: "lead.created", purpose: "", granted_at: "", withdrawn_at: "" };
    expect(flatPayload(aLead())).toMatchObject(keys);
  });
});

test("a full queue at Make is a wait for a follow-up too", async () => {
  sandbox.vendors.make.settings.queueFull = true;
  const told = aToldDestination("make", make({ url: sandbox.vendors.make.url, followUps: true }));
  expect(await told.erase(aLead())).toMatchObject({ type: "retry", reason: { code: "rate_limited" } });
});
