import { expect, test } from "vitest";
import type { LeadJson, LeadRow } from "../../src/server/api/lead-schemas.ts";
import { aPerson } from "../support/a-gateway.ts";
import { aLead, anEntry, aWithheldDelivery } from "../support/a-lead.ts";
import { anApi } from "../support/an-api.ts";

type Page = { leads: LeadRow[]; next: string | null };

const webhook = { CRM_WEBHOOK_URL: "http://127.0.0.1:9/hook", LEADKEEP_SCHEDULE: "1h" };

test("leads are listed newest first, page by page, and stay where they are while others arrive", async () => {
  const api = await anApi();
  const first: string[] = [];
  for (let n = 0; n < 5; n++) first.unshift(await api.post(aPerson()));
  const one = (await api.call("GET", "/leads?size=2")).json<Page>();
  await api.post(aPerson());
  const two = (await api.call("GET", `/leads?size=3&before=${one.next}`)).json<Page>();
  expect([...one.leads, ...two.leads].map((lead) => lead.lead_id)).toEqual(first);
  expect(two.next).toBeNull();
});

test("filters hold together", async () => {
  const api = await anApi({ variables: webhook });
  const wanted = await api.post(aPerson({ utm_source: "google", message: "Twelve desks" }));
  await api.post(aPerson({ utm_source: "google", message: "Chairs" }));
  await api.post(aPerson({ message: "Twelve desks" }));
  await api.delivery(wanted, "webhook", "pending");
  const query =
    "source=google&q=twelve&form=contact&state=active&destination=webhook&delivery=pending&since=2020-01-01";
  const { leads } = (await api.call("GET", `/leads?${query}`)).json<Page>();
  expect(leads.map((lead) => lead.lead_id)).toEqual([wanted]);
});

test("a row tells in one line what the lead says, cut where it gets long", async () => {
  const api = await anApi();
  await api.post(aPerson({ message: undefined, budget: "5,000", colours: ["red", "blue"] }));
  await api.post(aPerson({ message: `Hello,\n\n${"long ".repeat(200)}` }));
  const { leads } = (await api.call("GET", "/leads")).json<Page>();
  expect(leads[1]?.preview).toContain("budget: 5,000 · colours: red, blue");
  expect(leads[0]?.preview).toMatch(/^Hello, long long.*…$/);
  expect(leads[0]?.preview.length).toBeLessThanOrEqual(140);
});

test("a lead is shown with everything sent, where it came from, and what people did about it", async () => {
  const api = await anApi({ variables: webhook });
  const id = await api.post(aPerson({ message: "Hi", Budget: "10", page_url: "https://example.com/?utm_source=x" }));
  await api.call("PATCH", `/leads/${id}`, { body: { stage: "working", assignee: "Grace" } });
  const lead = (await api.call("GET", `/leads/${id}`)).json<LeadJson>();
  expect(lead.form_data).toMatchObject({ message: "Hi", Budget: "10" });
  expect(lead.source).toMatchObject({ url: "https://example.com/?utm_source=x", utm_source: "x" });
  expect(lead.work).toMatchObject({ stage: "working", assignee: "Grace", note: null });
  expect(lead.acts.map(({ actor }) => actor)).toEqual([{ type: "api", name: "LEADKEEP_API_TOKEN" }]);
  expect(lead.consents[0]).toMatchObject({ purpose: "enquiry", action: "granted", source: "form", control: "consent" });
});

test("what is not given of a lead's work stays, and null takes it away", async () => {
  const api = await anApi();
  const path = `/leads/${await api.post(aPerson())}`;
  await api.call("PATCH", path, { body: { stage: "working", assignee: "Grace", note: "call back" } });
  const changed = await api.call("PATCH", path, { body: { assignee: null } });
  expect(changed.json()).toMatchObject({ stage: "working", assignee: null, note: "call back" });
});

test("a viewer sees masked data in the list and on the lead, and may not search or export", async () => {
  const api = await anApi();
  const id = await api.post(aPerson({ name: "Ada Lovelace", email: "ada@example.com", message: "my secret" }));
  const as = await api.signIn("viewer");
  const list = await api.call("GET", "/leads", { as });
  const one = await api.call("GET", `/leads/${id}`, { as });
  for (const { status, text } of [list, one]) {
    expect(status).toBe(200);
    expect(text).not.toMatch(/Lovelace|ada@|secret/);
  }
  expect(one.json()).toMatchObject({ masked: true, name: "A… L…", email: "a…@example.com", message: "•••" });
  for (const path of ["/leads?q=lovelace", "/leads/export"]) {
    expect((await api.call("GET", path, { as })).status).toBe(403);
  }
});

test("an export holds the leads of the filter, as CSV that is safe to open and as JSON", async () => {
  const api = await anApi();
  const id = await api.post(aPerson({ name: '=cmd|"/c calc"!A1', utm_source: "google" }));
  await api.post(aPerson());
  const csv = await api.call("GET", "/leads/export?format=csv&source=google");
  expect(csv.headers.get("content-disposition")).toMatch(/^attachment; filename="leads-\d{4}-\d\d-\d\d\.csv"$/);
  expect(csv.headers.get("content-type")).toBe("text/csv; charset=utf-8");
  expect(csv.text.trim().split("\r\n")).toHaveLength(2);
  expect(csv.text).toContain(`"'=cmd|""/c calc""!A1"`);
  const json = await api.call("GET", "/leads/export?format=json&source=google");
  expect(json.json<LeadJson[]>().map((lead) => lead.lead_id)).toEqual([id]);
  expect((await api.call("GET", "/leads/export?format=json&source=nothing")).json()).toEqual([]);
});

test("a row of a lead in quarantine says why it is held back, and others say nothing", async () => {
  const api = await anApi();
  await api.post(aPerson());
  const reason = { code: "quarantined", message: "the lead is held back as suspected spam" };
  const lead = aLead({ state: "quarantined", receivedAt: Date.now() });
  const deliveries = ["webhook", "zapier"].map((destination) => aWithheldDelivery({ destination, reason }));
  await api.gateway.ledger.accept(anEntry({ lead, deliveries }));
  const { leads } = (await api.call("GET", "/leads")).json<{ leads: LeadRow[] }>();
  const told = leads.map(({ state, quarantine }) => [state, quarantine]);
  expect(told).toContainEqual(["active", []]);
  expect(told).toContainEqual(["quarantined", [reason]]);
});

test("quarantined leads are released to be delivered, or deleted; others are refused by name", async () => {
  const api = await anApi({ variables: webhook });
  const reason = { code: "quarantined", message: "suspected spam" };
  const [good, spam] = [aLead({ state: "quarantined" }), aLead({ state: "quarantined" })];
  for (const lead of [good, spam]) {
    const deliveries = [aWithheldDelivery({ destination: "webhook", reason })];
    await api.gateway.ledger.accept(anEntry({ lead, deliveries }));
  }
  const active = await api.post(aPerson());
  const released = await api.call("POST", "/leads/release", { body: { ids: [good.id, active] } });
  expect(released.json()).toEqual({ released: 1, refused: [{ id: active, message: "is not a quarantined lead" }] });
  expect((await api.record(good.id)).lead.state).toBe("active");
  const deleted = await api.call("POST", "/leads/delete", { body: { ids: [spam.id, good.id] } });
  expect(deleted.json()).toEqual({ deleted: 1, refused: [{ id: good.id, message: "is not a quarantined lead" }] });
  expect((await api.record(spam.id)).lead).toMatchObject({ state: "erased", email: null, formData: {} });
});

test("consent noted in the console releases what waited for it, in the words given, and its withdrawal stops it", async () => {
  const api = await anApi({ variables: webhook });
  const id = await api.post({ email: "ada@example.com" });
  expect((await api.record(id)).deliveries[0]?.state).toBe("withheld");
  const as = await api.signIn("operator");
  const body = { purpose: "enquiry", action: "granted", text: "Said yes on the phone." };
  const granted = await api.call("POST", `/leads/${id}/consents`, { as, body });
  expect(granted.json()).toMatchObject({ leads: 1, released: 1 });
  const withdrawn = { purpose: "enquiry", action: "withdrawn" };
  expect((await api.call("POST", `/leads/${id}/consents`, { body: withdrawn })).json()).toMatchObject({ leads: 1 });
  const { consents } = (await api.record(id)).lead;
  expect(consents.map(({ action, source, text }) => [action, source, text]).slice(-2)).toEqual([
    ["granted", "console", "Said yes on the phone."],
    ["withdrawn", "api", null],
  ]);
});

test("a person is exported and erased by who may, after typing the address again", async () => {
  const api = await anApi();
  const id = await api.post(aPerson({ email: "ada@example.com" }));
  const identifier = "Ada@Example.com";
  const plan = (await api.call("POST", "/subjects/plan", { body: { identifier } })).json<{
    leads: { lead_id: string }[];
  }>();
  expect(plan.leads.map((lead) => lead.lead_id)).toEqual([id]);
  const zip = await api.call("POST", "/subjects/export", { body: { identifier } });
  expect([zip.headers.get("content-type"), zip.text.slice(0, 2)]).toEqual(["application/zip", "PK"]);
  const wrong = await api.call("POST", "/subjects/erase", { body: { identifier, confirm: "eve@example.com" } });
  expect(wrong.json()).toMatchObject({ status: 422, errors: [{ field: "confirm" }] });
  const erased = await api.call("POST", "/subjects/erase", { body: { identifier, confirm: "ada@example.com" } });
  expect(erased.json()).toMatchObject({ erased: 1, tasks: [] });
  expect((await api.record(id)).lead.state).toBe("erased");
  expect((await api.call("POST", "/subjects/erase", { body: { identifier, confirm: identifier } })).status).toBe(404);
});
