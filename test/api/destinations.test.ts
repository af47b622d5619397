import { afterEach, beforeEach, expect, test } from "vitest";
import { type Sandbox, startSandbox } from "../../src/sandbox/index.ts";
import type { DestinationDetail, DestinationSummary } from "../../src/server/api/destination-schemas.ts";
import type { Trouble } from "../../src/server/api/overview-schemas.ts";
import { aPerson, type TestGatewayOptions } from "../support/a-gateway.ts";
import { adminPassword, anApi, apiToken, type TestApi } from "../support/an-api.ts";
import { until } from "../support/until.ts";

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await startSandbox();
});
afterEach(() => sandbox.close());

function start(variables: TestGatewayOptions["variables"] = {}): Promise<TestApi> {
  return anApi({ variables: { CRM_WEBHOOK_URL: sandbox.vendors.webhook.url, ...variables } });
}

async function troubles(api: TestApi): Promise<Trouble[]> {
  return (await api.call("GET", "/overview")).json<{ troubles: Trouble[] }>().troubles;
}

async function summary(api: TestApi): Promise<DestinationSummary> {
  const [found] = (await api.call("GET", "/destinations")).json<DestinationSummary[]>();
  if (!found) throw new Error("no destination");
  return found;
}

test("when everything arrives the overview says so by saying nothing", async () => {
  const api = await start();
  await api.delivery(await api.post(aPerson({ utm_source: "google" })), "webhook", "delivered");
  const { leads, leads_by_day, destinations } = (await api.call("GET", "/overview?days=30")).json<{
    leads: object;
    leads_by_day: object;
    destinations: DestinationSummary[];
  }>();
  expect(await troubles(api)).toEqual([]);
  expect(leads).toEqual({ active: 1, quarantined: 0, erased: 0 });
  const day = new Date().toISOString().slice(0, 10);
  expect(leads_by_day).toEqual({
    form: [{ day, value: "contact", count: 1 }],
    source: [{ day, value: "google", count: 1 }],
  });
  expect(destinations).toMatchObject([{ state: "working", counts: { delivered: 1 }, delivered_share: 1, errors: [] }]);
  expect(destinations[0]?.median_wait_ms).toBe(1_000);
});

test("a destination whose credentials fail is a trouble with its cure, and resuming it brings what waited", async () => {
  const api = await start();
  sandbox.vendors.webhook.setFault({ type: "status", status: 401 });
  const lead = await api.post(aPerson());
  const [trouble] = await until(async () => {
    const found = await troubles(api);
    return found.length > 0 ? found : null;
  });
  expect(trouble).toMatchObject({
    code: "paused",
    severity: "problem",
    destination: "webhook",
    leads: 1,
    action: { type: "resume", destination: "webhook" },
  });
  expect(trouble?.cure).toContain("credentials");
  expect(await summary(api)).toMatchObject({ state: "paused", pause: { by: "machine", code: "unauthorized" } });
  sandbox.vendors.webhook.setFault(null);
  const resumed = await api.call("POST", "/destinations/webhook/resume");
  expect(resumed.json()).toMatchObject({ state: "working", pause: null });
  await api.delivery(lead, "webhook", "delivered");
  expect(await troubles(api)).toEqual([]);
});

test("a person's pause is theirs: by name, and until they resume it", async () => {
  const api = await start();
  const as = await api.signIn("operator");
  expect((await api.call("POST", "/destinations/webhook/pause", { as })).json()).toMatchObject({ state: "paused" });
  const lead = await api.post(aPerson());
  expect((await api.delivery(lead, "webhook", "pending")).attempts).toBe(0);
  await api.call("POST", "/destinations/webhook/resume", { as });
  await api.delivery(lead, "webhook", "delivered");
  const { acts } = (await api.call("GET", "/acts")).json<{
    acts: { act: string; actor: { type: string; name: string } }[];
  }>();
  const own = acts.filter(({ act }) => act === "pause" || act === "resume");
  expect(own.map(({ actor }) => actor.name.replace(/\d+/, ""))).toEqual([
    "operator@example.com",
    "operator@example.com",
  ]);
});

test("dead letters are grouped by cause, counted before they are sent again, and arrive", async () => {
  const api = await start();
  sandbox.vendors.webhook.setFault({ type: "status", status: 400 });
  const leads = await Promise.all(Array.from({ length: 3 }, () => api.post(aPerson())));
  for (const lead of leads) await api.delivery(lead, "webhook", "dead");
  const groups = (await api.call("GET", "/dead-letters")).json<{ code: string; count: number; status: number }[]>();
  expect(groups).toMatchObject([{ destination: "webhook", code: "rejected", status: 400, count: 3 }]);
  expect(await troubles(api)).toMatchObject([{ code: "dead_letters", leads: 3, action: { type: "replay" } }]);
  sandbox.vendors.webhook.setFault(null);
  const body = { state: "dead", destination: "webhook", code: "rejected" };
  const counted = await api.call("POST", "/deliveries/replay", { body: { ...body, dry_run: true } });
  expect(counted.json()).toEqual({ replayed: 0, refused: [], count: 3 });
  expect((await api.call("POST", "/deliveries/replay", { body: { ...body, code: "another" } })).json()).toMatchObject({
    count: 0,
  });
  expect((await api.call("POST", "/deliveries/replay", { body })).json()).toMatchObject({ replayed: 3, count: 3 });
  for (const lead of leads) await api.delivery(lead, "webhook", "delivered");
});

test("deliveries are stopped, or noted as seen to by hand; what is delivered is refused", async () => {
  const api = await start();
  const done = await api.post(aPerson());
  const { id: delivered } = await api.delivery(done, "webhook", "delivered");
  await api.call("POST", "/destinations/webhook/pause");
  const { id } = await api.delivery(await api.post(aPerson()), "webhook", "pending");
  const answered = await api.call("POST", "/deliveries/cancel", { body: { ids: [id, delivered], handled: true } });
  expect(answered.json()).toMatchObject({ cancelled: 1, refused: [{ id: delivered }] });
});

test("a test lead is marked as one, goes through everything, and to this destination alone", async () => {
  const api = await start({ ZAPIER_WEBHOOK_URL: sandbox.vendors.zapier.url });
  const { lead_id } = (await api.call("POST", "/destinations/webhook/test", { body: {} })).json<{ lead_id: string }>();
  await api.delivery(lead_id, "webhook", "delivered");
  const { lead, deliveries } = await api.record(lead_id);
  expect(deliveries.map(({ destination }) => destination)).toEqual(["webhook"]);
  expect(lead).toMatchObject({ form: "leadkeep-test", name: "Leadkeep test", formData: { leadkeep_test: true } });
  expect(sandbox.vendors.zapier.received).toEqual([]);
  expect((await api.call("GET", "/forms")).json()).toEqual([]);
});

test("a resync counts what a destination lacks, and then gives it", async () => {
  const api = await start();
  sandbox.vendors.webhook.setFault({ type: "status", status: 400 });
  const lead = await api.post(aPerson());
  await api.delivery(lead, "webhook", "dead");
  sandbox.vendors.webhook.setFault(null);
  const path = "/destinations/webhook/resync";
  expect((await api.call("POST", path, { body: { dry_run: true } })).json()).toEqual({ count: 1 });
  expect((await api.call("POST", path, { body: { form: "quote", dry_run: true } })).json()).toEqual({ count: 0 });
  expect((await api.call("POST", path, { body: {} })).json()).toEqual({ count: 1 });
  await api.delivery(lead, "webhook", "delivered");
});

test("a destination in detail says how it is configured and how its attempts went", async () => {
  const api = await start();
  await api.delivery(await api.post(aPerson()), "webhook", "delivered");
  const detail = (await api.call("GET", "/destinations/webhook")).json<DestinationDetail>();
  expect(detail).toMatchObject({
    purpose: "enquiry",
    basis: "consent",
    role: "processor",
    schedule_ms: [20, 40, 80, 160],
    pace: null,
  });
  expect(detail.hours).toMatchObject([{ outcome: "delivered", count: 1 }]);
});

test("the days of the overview are those of the time zone asked for, and another is none", async () => {
  const api = await start();
  await api.post(aPerson());
  const days = async (timezone: string): Promise<string[]> =>
    (await api.call("GET", `/overview?timezone=${timezone}`))
      .json<{ leads_by_day: { form: { day: string }[] } }>()
      .leads_by_day.form.map(({ day }) => day);
  // A day apart at every hour of the day.
  expect(await days("Etc/GMT%2B12")).not.toEqual(await days("Etc/GMT-12"));
  expect((await api.call("GET", "/overview?timezone=Middle/Earth")).status).toBe(422);
});

test("a destination with a pace says what is left of it just now", async () => {
  const api = await anApi({
    variables: { HUBSPOT_ACCESS_TOKEN: "token", HUBSPOT_BASE_URL: sandbox.vendors.hubspot.url },
  });
  const pace = async () => (await api.call("GET", "/destinations/hubspot")).json<DestinationDetail>().pace;
  const { limit, left, next_at } = (await pace()) ?? {};
  expect(left).toBeGreaterThan(0);
  expect(left).toBeLessThanOrEqual(limit ?? 0);
  expect(next_at).toBeNull();
});

test("the set-up names variables and where they come from, and never what is in them", async () => {
  const api = await start({ CRM_WEBHOOK_SECRET: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" });
  const { text, json } = await api.call("GET", "/setup");
  const { variables } = json<{ variables: { name: string; set: boolean; source: string | null }[] }>();
  expect(variables.find(({ name }) => name === "CRM_WEBHOOK_SECRET")).toMatchObject({
    set: true,
    source: "environment",
  });
  expect(variables.find(({ name }) => name === "LEADKEEP_COUNTRY")).toMatchObject({ set: false, source: "default" });
  expect(variables.find(({ name }) => name === "SMTP_URL")).toMatchObject({ set: false, source: null });
  expect(text).not.toMatch(new RegExp(`whsec_|${sandbox.vendors.webhook.url}|${apiToken}|${adminPassword}`));
});
