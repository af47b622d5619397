import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { LeadkeepConfig } from "../../src/config/config.ts";
import { webhook } from "../../src/destinations/index.ts";
import type { LeadId } from "../../src/model/id.ts";
import { startSandbox } from "../../src/sandbox/index.ts";
import { aPerson } from "../support/a-gateway.ts";
import { anApi, type TestApi } from "../support/an-api.ts";
import { ask } from "../support/http.ts";
import { runLeadkeep } from "../support/leadkeep-command.ts";
import { until } from "../support/until.ts";

const spam = { message: "Buy cheap viagra, no prescription: https://example.com/rx", consent: "on" };
const json = { "content-type": "application/json" };

/** A gateway that delivers to a receiver which can be told of removals. */
async function aReceiver(config: LeadkeepConfig = {}) {
  const sandbox = await startSandbox();
  onTestFinished(() => sandbox.close());
  const { url, received } = sandbox.vendors.webhook;
  const api = await anApi({ config: { ...config, destinations: { crm: webhook({ url }) } } });
  const told = (event: string) => received.filter(({ json }) => (json as { event_type: string }).event_type === event);
  return { api, told, sandbox };
}

async function stateOf(api: TestApi, lead: string): Promise<string> {
  return (await api.record(lead)).lead.state;
}

test("without any configuration a plain post by a script is a lead like any other, also many, and at once", async () => {
  const api = await anApi();
  const leads: string[] = [];
  for (let i = 0; i < 150; i++)
    leads.push(await api.post({ email: `ada${i}@example.com`, message: "Please call me." }));
  expect(await api.gateway.ledger.leadCounts()).toEqual({ active: 150, quarantined: 0, erased: 0 });
  expect((await api.record(leads[149] ?? "")).lead).not.toHaveProperty("screening");
});

test("suspected spam gets the very answer a person gets, and is kept with its reasons", async () => {
  const { api, told } = await aReceiver();
  const [good, bad] = [aPerson({ message: "Please call me." }), aPerson(spam)];
  const answers = [];
  for (const body of [good, bad]) answers.push(await ask(`${api.url}/f/contact`, { headers: json, body }));
  const [ofGood, ofBad] = answers;
  expect([ofBad?.status, Object.keys(ofBad?.headers ?? {})]).toEqual([
    ofGood?.status,
    Object.keys(ofGood?.headers ?? {}),
  ]);
  const { lead_id: id, ...rest } = JSON.parse(ofBad?.body ?? "") as { lead_id: LeadId };
  expect(rest).toEqual({ state: "accepted" });
  await until(() => told("lead.created").length === 1);

  const shown = (await api.call("GET", `/leads/${id}`)).json();
  expect(shown).toMatchObject({ state: "quarantined", screening: { score: expect.any(Number) } });
  expect(JSON.stringify(shown.screening)).toContain("offers of medicines");
  const { leads } = (await api.call("GET", "/leads?state=quarantined")).json<{ leads: object[] }>();
  expect(leads).toMatchObject([{ lead_id: id, screening: { reasons: [{}, {}] } }]);

  await api.call("POST", "/leads/release", { body: { ids: [id] } });
  await until(() => told("lead.created").length === 2);
  expect(told("lead.created").at(-1)?.json).toMatchObject({ lead_id: id });
});

test("a filled honeypot quarantines, an empty one leaves no trace, and autofill alone costs nobody their enquiry", async () => {
  const api = await anApi();
  const bot = await api.post({ ...aPerson(), reply_subject: "Great offer" });
  const person = await api.post({ ...aPerson(), reply_subject: "" });
  const autofilled = await api.post({ ...aPerson({ email: "kay@example.com" }), reply_subject: "kay@example.com" });
  expect(await Promise.all([bot, person, autofilled].map((id) => stateOf(api, id)))).toEqual([
    "quarantined",
    "active",
    "active",
  ]);
  expect((await api.record(person)).lead.formData).not.toHaveProperty("reply_subject");
  expect((await api.record(bot)).lead.formData).toHaveProperty("reply_subject", "Great offer");
});

test("a page that says what to correct shows nobody the field no person sees, and keeps the stamp", async () => {
  const api = await anApi();
  const body = new URLSearchParams({
    name: "Ada",
    email: "nonsense",
    reply_subject: "filled",
    _stamp: "1.2.3",
  }).toString();
  const answer = await ask(`${api.url}/f/contact`, {
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body,
  });
  expect(answer.status).toBe(422);
  expect(answer.body).toContain('<input type="hidden" name="reply_subject" value="filled">');
  expect(answer.body).toContain('<input type="hidden" name="_stamp" value="1.2.3">');
});

test("a form may have a threshold and honeypots of its own, and none of the words", async () => {
  const forms = {
    strict: { quarantineAt: 3, honeypot: ["fax_line"] },
    pharmacy: { spamWords: false, honeypot: false as const },
  };
  const api = await anApi({ config: { forms } });
  const post = async (form: string, fields: object) =>
    (await ask(`${api.url}/f/${form}`, { headers: json, body: aPerson({ ...fields }) })).body;
  const ids = [
    await post("strict", { email: "kay@mailinator.com" }),
    await post("strict", { reply_subject: "an ordinary field here" }),
    await post("pharmacy", { message: "Do you have Viagra, Cialis or Levitra? See https://example.com/my-list" }),
  ].map((body) => (JSON.parse(body) as { lead_id: string }).lead_id);
  expect(await Promise.all(ids.map((id) => stateOf(api, id)))).toEqual(["quarantined", "active", "active"]);
});

test("spam after all: what waits is withheld, and on request removed where it was delivered; released, it is delivered again", async () => {
  const { api, told } = await aReceiver();
  const lead = await api.post(aPerson());
  await api.delivery(lead, "crm", "delivered");
  const answered = await api.call("POST", `/leads/${lead}/quarantine`, { body: { undo: true } });
  expect(answered.json()).toEqual({ removing: 1, by_hand: [] });
  await until(() => told("lead.erased").length === 1);
  expect(told("lead.erased")[0]?.json).toMatchObject({ lead_id: lead });
  expect((await api.record(lead)).lead).toMatchObject({ state: "quarantined", name: "Ada Lovelace" });
  await until(async () => (await api.record(lead)).deliveries.every(({ state }) => state === "delivered"));

  await api.call("POST", "/leads/release", { body: { ids: [lead] } });
  await until(() => told("lead.created").length === 2);
  expect(await stateOf(api, lead)).toBe("active");
});

test("spam after all: what has not left stays here, and leaves once it is released", async () => {
  const { api, told, sandbox } = await aReceiver();
  sandbox.vendors.webhook.setFault({ type: "status", status: 503 });
  const lead = await api.post(aPerson());
  await until(() => told("lead.created").length > 0);
  await api.call("POST", `/leads/${lead}/quarantine`, { body: {} });
  sandbox.vendors.webhook.setFault(null);
  await api.delivery(lead, "crm", "withheld");
  const another = await api.post(aPerson());
  await api.delivery(another, "crm", "delivered");
  const arrived = () => told("lead.created").filter(({ answered }) => answered === 200);
  expect(arrived().map(({ json }) => json)).toMatchObject([{ lead_id: another }]);

  await api.call("POST", "/leads/release", { body: { ids: [lead] } });
  await until(() => arrived().length === 2);
  expect(told("lead.erased")).toEqual([]);
});

test("a withdrawal still travels to where a lead was delivered before it was held back", async () => {
  const { api, told } = await aReceiver();
  const lead = await api.post(aPerson());
  await api.delivery(lead, "crm", "delivered");
  await api.call("POST", `/leads/${lead}/quarantine`, { body: {} });
  const body = { purpose: "enquiry", action: "withdrawn" };
  expect((await api.call("POST", `/leads/${lead}/consents`, { body })).json()).toMatchObject({ follow_ups: 1 });
  await until(() => told("consent.withdrawn").length === 1);
});

test("only who may operate holds leads back, and only those there are", async () => {
  const { api } = await aReceiver();
  const lead = await api.post(aPerson());
  await api.delivery(lead, "crm", "delivered");
  const unknown = await api.call("POST", "/leads/lead_019ab000-0000-7000-8000-00007f3a91c2/quarantine", { body: {} });
  expect(unknown.status).toBe(404);
  const viewer = await api.signIn("viewer");
  expect((await api.call("POST", `/leads/${lead}/quarantine`, { as: viewer, body: {} })).status).toBe(403);
});

test("deleting a lead from quarantine does not stop the removal of what was delivered", async () => {
  const { api, told, sandbox } = await aReceiver();
  const lead = await api.post(aPerson());
  await api.delivery(lead, "crm", "delivered");
  sandbox.vendors.webhook.setFault({ type: "status", status: 503 });
  await api.call("POST", `/leads/${lead}/quarantine`, { body: { undo: true } });
  expect((await api.call("POST", "/leads/delete", { body: { ids: [lead] } })).json()).toMatchObject({ deleted: 1 });
  sandbox.vendors.webhook.setFault(null);
  await until(() => told("lead.erased").some(({ answered }) => answered === 200));
  expect(await stateOf(api, lead)).toBe("erased");
});

test("a ceiling refuses with 429 and keeps what was typed; long before it leads from there are quarantined", async () => {
  const limits = { addressSuspect: 2, addressQuarantine: 4, address: 6 };
  const api = await anApi({ config: { limits }, variables: { TRUST_PROXY: "1" } });
  const post = (i: number, address: string, type = "application/json") =>
    ask(`${api.url}/f/contact`, {
      headers: { "content-type": type, "x-forwarded-for": address },
      body:
        type === "application/json"
          ? aPerson()
          : new URLSearchParams({ email: "x@example.com", name: `Ada ${i}` }).toString(),
    });
  const states: string[] = [];
  for (let i = 0; i < 6; i++) {
    const { lead_id } = JSON.parse((await post(i, "2001:db8:0:7::1")).body) as { lead_id: string };
    states.push(await stateOf(api, lead_id));
  }
  expect(states).toEqual(["active", "active", "active", "active", "quarantined", "quarantined"]);
  // The same customer's next address; another's is not concerned.
  const refused = await post(6, "2001:db8:0:7::2");
  expect([refused.status, JSON.parse(refused.body)]).toMatchObject([429, { code: "too_many" }]);
  expect(Number(refused.headers["retry-after"])).toBeGreaterThan(0);
  const page = await post(7, "2001:db8:0:7:ffff::3", "application/x-www-form-urlencoded");
  expect([page.status, page.body]).toEqual([429, expect.stringContaining('value="Ada 7"')]);
  expect((await post(8, "2001:db8:0:8::1")).status).toBe(202);
});

test("the same submission sent again does not count", async () => {
  const api = await anApi({ config: { limits: { address: 2 } }, variables: { TRUST_PROXY: "1" } });
  const post = (key: string) =>
    ask(`${api.url}/f/contact`, {
      headers: { ...json, "x-forwarded-for": "203.0.113.7", "idempotency-key": key },
      body: { email: "ada@example.com" },
    });
  const statuses: number[] = [];
  for (const key of ["one", "one", "one", "two", "three"]) statuses.push((await post(key)).status);
  expect(statuses).toEqual([202, 202, 202, 202, 429]);
});

test("leadkeep quarantine and release judge leads while the gateway runs", async () => {
  const folder = mkdtempSync(join(tmpdir(), "leadkeep-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const api = await anApi({ dataFolder: folder });
  const lead = await api.post(aPerson());
  const run = (...args: string[]) =>
    runLeadkeep(args, { folder, variables: { LEADKEEP_DATA: folder, LEADKEEP_LOG_LEVEL: "silent" } });
  expect(await run("quarantine", lead)).toMatchObject({ code: 0, stdout: `${lead} is held back.\n` });
  expect(await stateOf(api, lead)).toBe("quarantined");
  expect((await run("show", lead)).stdout).toContain("a person said it is spam");
  expect(await run("release", lead)).toMatchObject({ code: 0 });
  expect(await stateOf(api, lead)).toBe("active");
  expect(await run("release", lead)).toMatchObject({ code: 1, stderr: `${lead} is not a quarantined lead.\n` });
});
