import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { CrmRecord } from "../../src/sandbox/vendors/hubspot-crm.ts";
import { aPerson } from "../support/a-gateway.ts";
import { aForm, aHubSpot, type TestHubSpot } from "../support/a-hubspot.ts";
import { until } from "../support/until.ts";

let hubspot: TestHubSpot;
let draws: number[];

beforeEach(async () => {
  draws = [];
  hubspot = await aHubSpot(() => draws.shift() ?? 0);
});

afterEach(() => hubspot.close());

const contacts = () => hubspot.crm().all("contacts");
const only = (records: CrmRecord[]): CrmRecord => {
  expect(records).toHaveLength(1);
  return records[0] as CrmRecord;
};

describe("a contact", () => {
  test("is created with every value, and the ledger's ref names it", async () => {
    await hubspot.setUp();
    const gateway = await hubspot.start();
    const delivery = await hubspot.send(gateway, {
      name: "Ada Lovelace",
      email: "Ada@Example.com",
      phone: "020 7946 0018",
      company: "Analytical Engines",
      message: "Call me\nsoon",
      utm_source: "google",
      gclid: "Cj0K-CaseSensitive",
      page_url: "https://example.com/quote",
      marketing_consent: "on",
    });
    const contact = only(contacts());
    expect(delivery).toMatchObject({ state: "delivered", ref: contact.id, warnings: [] });
    expect(contact.properties).toMatchObject({
      email: "ada@example.com",
      firstname: "Ada",
      lastname: "Lovelace",
      phone: "+442079460018",
      company: "Analytical Engines",
      message: "Call me\nsoon",
      utm_source: "google",
      gclid: "Cj0K-CaseSensitive",
      lead_landing_page: "https://example.com/quote",
      lead_submission_id: delivery.id.replace(/^dlv_(.*)_hubspot$/, "lead_$1"),
      lead_consent: "true",
      lead_marketing_consent: "true",
      lifecyclestage: "lead",
      hs_lead_status: "NEW",
    });
  });

  test("is found by its e-mail and updated, with what the form left empty untouched", async () => {
    await hubspot.setUp();
    hubspot.crm().create("contacts", { email: "ada@example.com", company: "Analytical Engines", firstname: "A." });
    const gateway = await hubspot.start();
    const delivery = await hubspot.send(gateway, { email: "ADA@example.com", company: "", phone: "" });
    const contact = only(contacts());
    expect(delivery.ref).toBe(contact.id);
    expect(contact.properties).toMatchObject({ company: "Analytical Engines", firstname: "Ada" });
    const bodies = hubspot.vendor.received.map(({ body }) => body);
    expect(bodies.some((body) => body.includes('""'))).toBe(false);
  });

  test("of a customer stays a customer: stage and status are written on creation only", async () => {
    await hubspot.setUp();
    hubspot
      .crm()
      .create("contacts", { email: "ada@example.com", lifecyclestage: "customer", hs_lead_status: "CONNECTED" });
    const gateway = await hubspot.start();
    await hubspot.send(gateway, { email: "ada@example.com" });
    expect(only(contacts()).properties).toMatchObject({ lifecyclestage: "customer", hs_lead_status: "CONNECTED" });
  });

  test.each(["conflict", "coordinates"] as const)(
    "with that address as a second one is updated, and keeps its first: %s",
    async (conflicts) => {
      await hubspot.setUp();
      Object.assign(hubspot.vendor.settings, { conflicts });
      hubspot.crm().create("contacts", { email: "work@example.com", hs_additional_emails: "ada@example.com" });
      const gateway = await hubspot.start();
      const delivery = await hubspot.send(gateway, { email: "ada@example.com", name: "Ada Lovelace" });
      const contact = only(contacts());
      expect(delivery.ref).toBe(contact.id);
      expect(contact.properties).toMatchObject({ email: "work@example.com", firstname: "Ada" });
    },
  );

  test.each(["o'hara+x@example.com", "a#b@example.com", "50%@example.com", "a/b@example.com", "ä@bücher.example"])(
    "with an address that is not plain is found again: %s",
    async (email) => {
      await hubspot.setUp();
      const gateway = await hubspot.start();
      await hubspot.send(gateway, { email });
      await hubspot.send(gateway, { email });
      only(contacts());
    },
  );

  test("without an e-mail is created by name and phone, and found by it again", async () => {
    await hubspot.setUp();
    const gateway = await hubspot.start();
    await hubspot.send(gateway, { email: "", name: "Ada", phone: "+442079460018" });
    await hubspot.send(gateway, { email: "", name: "", phone: "020 7946 0018", message: "again" });
    expect(only(contacts()).properties).toMatchObject({ firstname: "Ada", phone: "+442079460018", message: "again" });
  });

  test("of somebody who gave nothing but a phone number is named by it", async () => {
    await hubspot.setUp();
    const gateway = await hubspot.start();
    await hubspot.send(gateway, { email: "", name: "", phone: "+442079460018" });
    expect(only(contacts()).properties).toMatchObject({ lastname: "+442079460018" });
  });

  test("without an e-mail is found again in an account that was not set up", async () => {
    const gateway = await hubspot.start();
    await hubspot.send(gateway, { email: "", name: "Ada", phone: "+442079460018" });
    await hubspot.send(gateway, { email: "", name: "Ada", phone: "+442079460018" });
    only(contacts());
  });

  test("that may just have been created without a key is waited for, not created twice: search does not show it yet", async () => {
    const gateway = await hubspot.start();
    // The properties are read and the search made; then the creation's answer is lost.
    draws.push(0.9, 0.9, 0.1);
    hubspot.vendor.setFault({ type: "reset", when: "after", rate: 0.5, times: 1 });
    const lead = await gateway.post(aPerson({ email: "", name: "Ada", phone: "+442079460018" }));
    const waiting = await until(async () => {
      const delivery = await gateway.delivery(lead, "hubspot", "pending");
      return delivery.reason?.code === "not_shown_yet" && delivery;
    });
    expect(waiting.dueAt).toBeGreaterThan(Date.now() + 20_000);
    only(contacts());
  });

  test("from before the account was set up is found, and gets its key", async () => {
    Object.assign(hubspot.vendor.settings, { searchLagMs: 0 });
    hubspot.crm().create("contacts", { firstname: "Ada", phone: "+442079460018" });
    await hubspot.setUp();
    const gateway = await hubspot.start();
    await hubspot.send(gateway, { email: "", phone: "+442079460018" });
    expect(only(contacts()).properties.lead_phone).toBe("+442079460018");
  });

  test("whose address HubSpot does not take is reached by phone, with the address in a note", async () => {
    await hubspot.setUp();
    const email = hubspot.crm().properties.contacts.get("email");
    if (email) hubspot.crm().define("contacts", { ...email, type: "enumeration", options: [] });
    const gateway = await hubspot.start();
    hubspot.vendor.setFault({
      type: "status",
      status: 400,
      times: 2,
      body: JSON.stringify({ errors: [{ code: "INVALID_EMAIL", context: { propertyName: ["email"] } }] }),
    });
    // The first call reads the properties.
    const delivery = await hubspot.send(gateway, { email: "ada@example.com", phone: "+442079460018" });
    expect(delivery.state).toBe("delivered");
    expect(only(contacts()).properties.email).toBeUndefined();
    expect(only(hubspot.crm().all("notes")).properties.hs_note_body).toContain("ada@example.com");
  });

  test("that a newer lead has updated is not overwritten by an older one; only gaps are filled", async () => {
    await hubspot.setUp();
    const gateway = await hubspot.start({}, { variables: { LEADKEEP_SCHEDULE: "400ms,400ms" } });
    hubspot.vendor.setFault({ type: "status", status: 503, times: 3 });
    const older = await gateway.post(aPerson({ email: "ada@example.com", message: "old", company: "Old Ltd" }));
    await gateway.delivery(older, "hubspot", "pending");
    await until(async () => (await gateway.delivery(older, "hubspot", "pending")).attempts > 0);
    hubspot.vendor.setFault(null);
    await hubspot.send(gateway, { email: "ada@example.com", message: "new" });
    await gateway.delivery(older, "hubspot", "delivered");
    expect(only(contacts()).properties).toMatchObject({ message: "new", company: "Old Ltd" });
  });
});

describe("values HubSpot does not take", () => {
  test("never cost the lead: they are left out, named in a warning, and kept in a note", async () => {
    const gateway = await hubspot.start();
    const delivery = await hubspot.send(gateway, { email: "ada@example.com", utm_source: "<b>google</b>" });
    expect(delivery.state).toBe("delivered");
    expect(delivery.warnings).toEqual([expect.stringContaining("utm_source")]);
    expect(delivery.warnings.join()).not.toContain("google");
    const { properties, associations } = only(hubspot.crm().all("notes"));
    expect(properties.hs_note_body).toContain("utm_source:</strong> &lt;b&gt;google&lt;/b&gt;");
    expect(associations.contacts).toEqual([delivery.ref]);
  });

  test.each([false, true])(
    "are found out from the answer when the properties may not be read; by message only: %s",
    async (errorsInMessageOnly) => {
      const scopes = ["crm.objects.contacts.read", "crm.objects.contacts.write"];
      Object.assign(hubspot.vendor.settings, { scopes, errorsInMessageOnly });
      const gateway = await hubspot.start();
      const delivery = await hubspot.send(gateway, { email: "ada@example.com", utm_source: "google" });
      expect(delivery.warnings).toEqual([expect.stringContaining("utm_source")]);
      expect(only(contacts()).properties).toMatchObject({ email: "ada@example.com", firstname: "Ada" });
      only(hubspot.crm().all("notes"));
    },
  );

  test("are converted to the property's type where they fit it", async () => {
    await hubspot.setUp();
    hubspot.crm().define("contacts", { name: "budget", type: "number" });
    hubspot.crm().define("contacts", {
      name: "topics",
      type: "enumeration",
      fieldType: "checkbox",
      options: [
        { label: "Solar panels", value: "solar" },
        { label: "Car charger", value: "car" },
      ],
    });
    hubspot.crm().define("contacts", {
      name: "size",
      type: "enumeration",
      fieldType: "select",
      options: [{ label: "Large", value: "lg" }],
    });
    const gateway = await hubspot.start({
      map: {
        budget: { field: "form_data.budget" },
        topics: { field: "form_data.topics" },
        size: { field: "form_data.size" },
      },
    });
    const delivery = await hubspot.send(gateway, {
      budget: "1,200",
      topics: ["Car charger", "solar panels"],
      size: "gigantic",
    });
    expect(only(contacts()).properties).toMatchObject({ budget: "1200", topics: "car;solar" });
    expect(delivery.warnings).toEqual([expect.stringContaining("size")]);
  });

  test("make a dead letter when the configuration says so", async () => {
    const gateway = await hubspot.start({ onUnknownField: "reject" });
    const delivery = await hubspot.send(gateway, { utm_source: "google" });
    expect(delivery).toMatchObject({ state: "dead", reason: { code: "unknown_field" } });
    expect(contacts()).toEqual([]);
  });
});

describe("deal and note", () => {
  const deal = { stage: "appointmentscheduled" };

  test("hang on the contact, and the note on the deal", async () => {
    await hubspot.setUp();
    const gateway = await hubspot.start({
      deal: { ...deal, map: { amount: { field: "form_data.budget" } } },
      note: true,
    });
    const delivery = await hubspot.send(gateway, {
      name: "Ada Lovelace",
      message: "<script>alert(1)</script>",
      budget: "1,200",
    });
    const opened = only(hubspot.crm().all("deals"));
    const note = only(hubspot.crm().all("notes"));
    expect(opened.properties).toMatchObject({
      dealname: "Ada Lovelace: contact",
      dealstage: "appointmentscheduled",
      amount: "1200",
    });
    expect(opened.associations.contacts).toEqual([delivery.ref]);
    expect(note.associations).toMatchObject({ contacts: [delivery.ref], deals: [opened.id] });
    expect(note.properties.hs_note_body).toContain("&lt;script&gt;");
    expect(note.properties.hs_note_body).not.toContain("<script>");
  });

  test("each lead gets its own, the contact stays one", async () => {
    await hubspot.setUp();
    const gateway = await hubspot.start({ deal, note: true });
    for (let i = 0; i < 3; i += 1) await hubspot.send(gateway, { email: "ada@example.com" });
    expect(hubspot.counts()).toEqual([1, 3, 3, 0]);
  });

  test.each(Array.from({ length: 6 }, (_, index) => index))(
    "are made once when the answer to call %i is lost after HubSpot did it",
    async (call) => {
      await hubspot.setUp();
      const gateway = await hubspot.start({ deal, note: true, form: aForm });
      draws.push(...Array.from({ length: call }, () => 0.9), 0.1);
      hubspot.vendor.setFault({ type: "reset", when: "after", rate: 0.5, times: 1 });
      const delivery = await hubspot.send(gateway, { email: "ada@example.com" });
      expect(hubspot.vendor.fault).toBeNull();
      expect(delivery.warnings).toEqual([]);
      expect(hubspot.counts()).toEqual([1, 1, 1, 1]);
    },
  );

  test("a stage HubSpot does not know pauses the lane: it is wrong for every lead", async () => {
    await hubspot.setUp();
    const gateway = await hubspot.start({ deal: { stage: "no-such-stage" } });
    await gateway.post(aPerson());
    const [pause] = await until(async () => {
      const pauses = await gateway.gateway.ledger.pauses();
      return pauses.length > 0 && pauses;
    });
    expect(pause?.reason).toMatchObject({ code: "wrong_deal" });
  });
});
