import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ConsentEvent } from "../../src/model/consent.ts";
import { isLeadId } from "../../src/model/id.ts";
import type { Lead } from "../../src/model/lead.ts";
import { aPerson, type TestGateway } from "../support/a-gateway.ts";
import { aHubSpot, type TestHubSpot } from "../support/a-hubspot.ts";
import { aConsent, aLead } from "../support/a-lead.ts";
import { until } from "../support/until.ts";

const marketing = 42;
const subscriptions = { marketing };
let hubspot: TestHubSpot;
let draws: number[];

beforeEach(async () => {
  draws = [];
  hubspot = await aHubSpot(() => draws.shift() ?? 0);
  await hubspot.setUp();
});

afterEach(() => hubspot.close());

const settings = (changes: object) => Object.assign(hubspot.vendor.settings, changes);
const subscription = (email: string) => hubspot.crm().subscriptions.of(email, marketing);
const statusCalls = () => hubspot.vendor.received.filter(({ path }) => path.includes("/statuses/"));
const agreed = (changes: Partial<ConsentEvent> = {}) => aConsent({ purpose: "marketing", ...changes });
const lead = (changes: Partial<Lead> = {}) => aLead({ consents: [aConsent(), agreed()], ...changes });

describe("a lead with a consent that has a subscription type", () => {
  const fields = { email: "ada@example.com", marketing_consent: "on", _consent_text: "Write to me about offers." };

  test("subscribes the person, with the wording shown as its ground", async () => {
    const gateway = await hubspot.start({ subscriptions });
    const delivery = await hubspot.send(gateway, fields);
    expect(delivery).toMatchObject({ state: "delivered", history: [{ outcome: "delivered" }] });
    expect(subscription("ada@example.com")).toMatchObject({
      status: "SUBSCRIBED",
      ground: "Write to me about offers.",
    });
  });

  test("costs two calls more, and one without costs none", async () => {
    const gateway = await hubspot.start({ subscriptions });
    await hubspot.send(gateway, { email: "bea@example.com" });
    expect(statusCalls()).toEqual([]);
    await hubspot.send(gateway, { email: "bea@example.com", marketing_consent: "no" });
    expect(statusCalls()).toEqual([]);
    await hubspot.send(gateway, fields);
    expect(statusCalls().map(({ method }) => method)).toEqual(["GET", "POST"]);
    await hubspot.send(gateway, fields);
    expect(statusCalls().map(({ method }) => method)).toEqual(["GET", "POST", "GET"]);
  });

  test.each(["requested", "refused", "withdrawn"] as const)("that is only %s subscribes nobody", async (action) => {
    const { outcome } = await deliver(lead({ consents: [aConsent(), agreed(), agreed({ action })] }));
    expect(outcome.type).toBe("delivered");
    expect(statusCalls()).toEqual([]);
  });

  test("that was confirmed by mail subscribes with the wording of the form", async () => {
    const form = agreed({ action: "requested", text: "Write to me." });
    const confirmed = agreed({ source: "confirmation", text: null, control: null });
    await deliver(lead({ email: "ada@example.com", consents: [aConsent(), form, confirmed] }));
    expect(subscription("ada@example.com")).toMatchObject({ status: "SUBSCRIBED", ground: "Write to me." });
  });

  test("leaves alone who has unsubscribed in HubSpot since, whatever HubSpot would allow", async () => {
    settings({ resubscribing: "allowed" });
    hubspot.crm().subscriptions.set("ada@example.com", marketing, "UNSUBSCRIBED");
    const before = agreed({ at: Date.now() - 60_000 });
    const { outcome } = await deliver(lead({ email: "ada@example.com", consents: [aConsent(), before] }));
    expect(outcome).toMatchObject({ type: "delivered", warnings: [expect.stringContaining("has unsubscribed")] });
    expect(subscription("ada@example.com")).toMatchObject({ status: "UNSUBSCRIBED" });
  });

  test.each([
    ["allowed", "SUBSCRIBED", 0],
    ["refused", "UNSUBSCRIBED", 1],
  ])(
    "given anew after that is passed on; that HubSpot may refuse it is a warning: %s",
    async (resubscribing, status, warnings) => {
      settings({ resubscribing });
      hubspot.crm().subscriptions.set("ada@example.com", marketing, "UNSUBSCRIBED");
      const after = agreed({ at: Date.now() + 60_000 });
      const { outcome } = await deliver(lead({ email: "ada@example.com", consents: [aConsent(), after] }));
      expect(outcome.type).toBe("delivered");
      expect(outcome.type === "delivered" && outcome.warnings).toHaveLength(warnings);
      expect(subscription("ada@example.com")?.status).toBe(status);
    },
  );

  test("arrives without the scope for it, with a warning that names the cure", async () => {
    settings({ scopes: ["crm.objects.contacts.read", "crm.objects.contacts.write", "crm.schemas.contacts.read"] });
    const { outcome } = await deliver(lead());
    expect(outcome).toMatchObject({
      type: "delivered",
      warnings: [expect.stringContaining("communication_preferences.read_write")],
    });
    expect(JSON.stringify(outcome)).not.toContain("@example.com");
  });

  test("arrives when the type does not exist, with a warning", async () => {
    const { outcome } = await deliver(lead(), { marketing: 7 });
    expect(outcome).toMatchObject({ type: "delivered" });
    expect(JSON.stringify(outcome)).toContain("HubSpot did not change subscription type 7");
  });

  test("by phone only arrives with a warning: subscriptions hang on an address", async () => {
    const { outcome } = await deliver(lead({ email: null, phone: "+442079460018", lastName: "Lovelace" }));
    expect(JSON.stringify(outcome)).toContain("there is no e-mail address");
  });

  test.each([
    ["500", { type: "status", status: 500 }],
    ["503 after it was done", { type: "status", status: 503, applied: true }],
    ["an answer lost", { type: "reset", when: "after" }],
    ["an answer that is garbage", { type: "garbage" }],
  ] as const)("doubles nothing when subscribing fails for now: %s", async (_, fault) => {
    const gateway = await hubspot.start({ subscriptions, deal: { stage: "appointmentscheduled" }, note: true });
    // Two look-ups, contact by e-mail, contact, deal, note, subscriptions: then the change.
    draws.push(...Array.from({ length: 7 }, () => 0.9), 0.1);
    hubspot.vendor.setFault({ ...fault, rate: 0.5, times: 1 });
    const delivery = await hubspot.send(gateway, fields);
    expect(hubspot.vendor.fault).toBeNull();
    expect(statusCalls().length).toBeGreaterThan(2);
    expect(delivery).toMatchObject({ state: "delivered", warnings: [] });
    expect(hubspot.counts()).toEqual([1, 1, 1, 0]);
    const writes = hubspot.vendor.received.filter(
      ({ method, path }) => method === "POST" && path.endsWith("/objects/2026-09/contacts"),
    );
    expect(writes).toHaveLength(1);
  });

  async function deliver(of: Lead, types: Record<string, number> = subscriptions) {
    const destination = hubspot.destination({ subscriptions: types });
    return hubspot.ask(async (context) => {
      const outcomes = await destination.deliver([{ lead: of, context }]);
      return [...outcomes.values()][0] ?? { type: "uncertain", reason: { code: "none", message: "" } };
    });
  }
});

describe("a withdrawal", () => {
  const withdrawn = () => agreed({ action: "withdrawn", source: "link", at: Date.UTC(2026, 10, 25) });

  async function withdraw(of: Lead, purpose = "marketing", types: Record<string, number> = subscriptions) {
    const destination = hubspot.destination({ subscriptions: types });
    return hubspot.ask((context) => destination.withdraw?.({ lead: of, purpose, ref: "1001" }, context));
  }

  const aWithdrawn = (changes: Partial<Lead> = {}) =>
    lead({ consents: [aConsent(), agreed(), withdrawn()], ...changes });

  test("unsubscribes the person, and says when and how it was withdrawn", async () => {
    hubspot.crm().subscriptions.set("ada@example.com", marketing, "SUBSCRIBED");
    const { outcome } = await withdraw(aWithdrawn({ email: "ada@example.com" }));
    expect(outcome).toEqual({ type: "delivered", ref: "1001" });
    expect(subscription("ada@example.com")).toMatchObject({
      status: "UNSUBSCRIBED",
      ground: 'Consent for "marketing" withdrawn at 2026-11-25T00:00:00.000Z (link).',
    });
  });

  test.each(["no-change", "refused"])("told twice is done once: %s", async (repeatedUnsubscribe) => {
    settings({ repeatedUnsubscribe });
    const of = aWithdrawn();
    for (let i = 0; i < 2; i += 1) expect((await withdraw(of)).outcome.type).toBe("delivered");
  });

  test.each([
    { type: "reset", when: "after" },
    { type: "reset", when: "before" },
    { type: "status", status: 502, applied: true },
    { type: "garbage" },
  ] as const)("whose answer is lost is told again until it is sure: %j", async (fault) => {
    settings({ repeatedUnsubscribe: "refused" });
    hubspot.vendor.setFault({ ...fault, times: 1 });
    const { outcome, tries } = await withdraw(aWithdrawn({ email: "ada@example.com" }));
    expect([outcome.type, tries]).toEqual(["delivered", 2]);
    expect(subscription("ada@example.com")?.status).toBe("UNSUBSCRIBED");
  });

  test.each(["o'hara+x@example.com", "a#b@example.com", "50%@example.com", "a/b@example.com", "ä@bücher.example"])(
    "reaches an address that is not plain: %s",
    async (email) => {
      await withdraw(aWithdrawn({ email }));
      expect(subscription(email)?.status).toBe("UNSUBSCRIBED");
    },
  );

  test.each(["enquiry", "constructor"])(
    "of a purpose without a subscription type says that nothing was changed: %s",
    async (purpose) => {
      const { outcome } = await withdraw(aWithdrawn(), purpose);
      expect(outcome).toMatchObject({ type: "delivered", warnings: [expect.stringContaining("nothing was changed")] });
      expect(statusCalls()).toEqual([]);
    },
  );

  test("of somebody without an e-mail says that nothing was changed", async () => {
    const { outcome } = await withdraw(aWithdrawn({ email: null }));
    expect(outcome).toMatchObject({ type: "delivered", warnings: [expect.stringContaining("nothing was changed")] });
    expect(statusCalls()).toEqual([]);
  });

  test("without the scope is a dead letter that names it, and pauses no lead", async () => {
    settings({ scopes: ["crm.objects.contacts.write"] });
    const { outcome } = await withdraw(aWithdrawn());
    expect(outcome).toMatchObject({
      type: "rejected",
      reason: { code: "missing_scope", message: expect.stringContaining("communication_preferences.read_write") },
    });
  });

  test("with a wrong token waits for a right one", async () => {
    settings({ accessToken: "another" });
    expect((await withdraw(aWithdrawn())).outcome).toMatchObject({ type: "blocked", reason: { code: "unauthorized" } });
  });

  test("of an address HubSpot does not know is done; from a type it does not know is a dead letter", async () => {
    const fault = { type: "status", status: 404, times: 1 } as const;
    hubspot.vendor.setFault(fault);
    const { outcome } = await withdraw(aWithdrawn());
    expect(outcome).toMatchObject({
      type: "delivered",
      warnings: [expect.stringContaining("does not know the address")],
    });
    hubspot.vendor.setFault(fault);
    expect((await withdraw(aWithdrawn(), "marketing", { marketing: 7 })).outcome.type).toBe("rejected");
    expect((await withdraw(aWithdrawn(), "marketing", { marketing: 7 })).outcome).toMatchObject({
      type: "rejected",
      reason: { message: "answered 400: HubSpot did not change subscription type 7; see leadkeep doctor" },
    });
  });
});

describe("a consent that comes after the lead", () => {
  const confirmed = agreed({ source: "confirmation", text: null, control: null });
  const waiting = agreed({ action: "requested", text: "Write to me." });

  function grant(of: Lead, purpose = "marketing", types: Record<string, number> = subscriptions) {
    const destination = hubspot.destination({ subscriptions: types });
    return hubspot.ask((context) => destination.grant?.({ lead: of, purpose, ref: "1001" }, context));
  }

  const aConfirmed = (changes: Partial<Lead> = {}) => lead({ consents: [aConsent(), waiting, confirmed], ...changes });

  test("subscribes the person, once, with the wording of the form", async () => {
    for (let i = 0; i < 2; i += 1) {
      const { outcome } = await grant(aConfirmed({ email: "ada@example.com" }));
      expect(outcome).toEqual({ type: "delivered", ref: "1001", warnings: [] });
    }
    expect(subscription("ada@example.com")).toMatchObject({ status: "SUBSCRIBED", ground: "Write to me." });
    expect(statusCalls().map(({ method }) => method)).toEqual(["GET", "POST", "GET"]);
  });

  test("of a purpose without a subscription type asks nobody", async () => {
    expect((await grant(aConfirmed(), "enquiry")).outcome).toEqual({ type: "delivered", ref: "1001" });
    expect(statusCalls()).toEqual([]);
  });

  test("of somebody who has unsubscribed in HubSpot since is a warning", async () => {
    hubspot.crm().subscriptions.set("ada@example.com", marketing, "UNSUBSCRIBED");
    const before = { ...confirmed, at: Date.now() - 60_000 };
    const { outcome } = await grant(aConfirmed({ email: "ada@example.com", consents: [waiting, before] }));
    expect(outcome).toMatchObject({ type: "delivered", warnings: [expect.stringContaining("has unsubscribed")] });
  });

  test("that HubSpot refuses for good is a warning with the cure, and pauses no lead", async () => {
    expect((await grant(aConfirmed(), "marketing", { marketing: 7 })).outcome).toMatchObject({
      type: "delivered",
      warnings: [expect.stringContaining("subscription type 7")],
    });
  });

  test("without the scope is a dead letter that names it, to be sent again once it is given", async () => {
    settings({ scopes: ["crm.objects.contacts.write"] });
    expect((await grant(aConfirmed())).outcome).toMatchObject({
      type: "rejected",
      reason: { code: "missing_scope", message: expect.stringContaining("communication_preferences.read_write") },
    });
  });

  test("whose answer is lost is told again until it is sure", async () => {
    hubspot.vendor.setFault({ type: "reset", when: "after", times: 2 });
    const { outcome } = await grant(aConfirmed({ email: "ada@example.com" }));
    expect(outcome.type).toBe("delivered");
    expect(subscription("ada@example.com")?.status).toBe("SUBSCRIBED");
  });
});

describe("with a gateway", () => {
  const actor = { type: "command", name: "test" } as const;

  async function withdrawAt({ gateway }: TestGateway, id: string) {
    if (!isLeadId(id)) throw new Error(id);
    const event = agreed({ action: "withdrawn", source: "command", at: Date.now(), text: null });
    const followUp = { destination: "hubspot", kind: "hubspot", purpose: "marketing", reason: null } as const;
    const followUps = () => [{ ...followUp, event: "consent.withdrawn" as const }];
    await gateway.ledger.recordConsent(id, event, actor, { followUps });
    await until(async () => {
      const { deliveries } = (await gateway.ledger.findLead(id)) ?? { deliveries: [] };
      return deliveries.some((one) => one.event === "consent.withdrawn" && one.state === "delivered");
    });
  }

  test("granted, withdrawn and granted again by a new lead ends subscribed where HubSpot allows it", async () => {
    settings({ resubscribing: "allowed" });
    const gateway = await hubspot.start({ subscriptions });
    const fields = { email: "ada@example.com", marketing_consent: "on" };
    const first = await gateway.post(aPerson(fields));
    await gateway.delivery(first, "hubspot", "delivered");
    await withdrawAt(gateway, first);
    expect(subscription("ada@example.com")?.status).toBe("UNSUBSCRIBED");
    expect((await hubspot.send(gateway, fields)).warnings).toEqual([]);
    expect(subscription("ada@example.com")?.status).toBe("SUBSCRIBED");
  });
});
