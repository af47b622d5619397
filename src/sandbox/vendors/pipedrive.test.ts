import { afterEach, beforeEach, expect, test } from "vitest";
import { type Sandbox, startSandbox } from "../index.ts";

let time = Date.UTC(2026, 10, 24, 9, 30);
let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await startSandbox({ now: () => time });
});
afterEach(() => sandbox.close());

type Body = {
  success: boolean;
  data: unknown;
  error?: string;
  code?: string;
  additional_data?: { next_cursor: string };
};

async function call(method: string, path: string, body?: object, headers: Record<string, string> = {}) {
  const response = await fetch(`${sandbox.vendors.pipedrive.url}/api/${path}`, {
    method,
    headers: { "x-api-token": "token", ...headers },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const text = await response.text();
  const isJson = response.headers.get("content-type") === "application/json";
  return { status: response.status, headers: response.headers, text, ...(isJson ? (JSON.parse(text) as Body) : {}) };
}

const settings = () => sandbox.vendors.pipedrive.settings;
const crm = () => sandbox.vendors.pipedrive.own;
const emails = (value: string) => [{ value, primary: true, label: "work" }];

test("only a token in the header opens it; a wrong one is told so by the gateway", async () => {
  settings().apiToken = "right";
  const refused = await call("GET", "v1/users/me?api_token=right");
  expect([refused.status, refused.headers.get("x-401-by-gw"), refused.error]).toEqual([
    401,
    "true",
    "unauthorized access",
  ]);
  const me = await call("GET", "v1/users/me", undefined, { "x-api-token": "right" });
  expect([me.status, me.data]).toEqual([200, expect.objectContaining({ company_domain: "acme" })]);
});

test("the search trails behind what was written, and the list does not", async () => {
  await call("POST", "v2/persons", { name: "Ada", emails: emails("ada@example.com") });
  const search = () => call("GET", "v2/persons/search?term=ADA@example.com&fields=email&exact_match=true");
  expect((await search()).data).toEqual({ items: [] });
  expect((await call("GET", "v2/persons")).data).toHaveLength(1);
  time += 2_000;
  expect((await search()).data).toMatchObject({ items: [{ item: { name: "Ada", emails: ["ada@example.com"] } }] });
});

test("exact_match is not exact unless told to be", async () => {
  crm().addPerson({ name: "Linda", emails: ["linda@example.com"] });
  const search = () => call("GET", "v2/persons/search?term=inda@example.com&fields=email&exact_match=true");
  expect((await search()).data).toMatchObject({ items: [{ item: { name: "Linda" } }] });
  settings().fuzzyExactMatch = false;
  expect((await search()).data).toEqual({ items: [] });
});

test("one address may belong to several persons", async () => {
  for (const name of ["One", "Two"]) await call("POST", "v2/persons", { name, emails: emails("same@example.com") });
  expect(crm().persons).toHaveLength(2);
});

test("a twenty-first request within two seconds is answered 429, an eleventh search too", async () => {
  for (let n = 0; n < 11; n += 1) await call("GET", "v2/persons/search?term=xx&fields=email");
  const statuses = sandbox.vendors.pipedrive.received.map(({ answered }) => answered);
  expect(statuses).toEqual([...Array(10).fill(200), 429]);
  time += 2_000;
  for (let n = 0; n < 20; n += 1) expect((await call("GET", "v1/users/me")).status).toBe(200);
  const refused = await call("GET", "v1/users/me");
  expect([refused.status, refused.headers.get("x-ratelimit-remaining")]).toEqual([429, "0"]);
});

test("who does not heed the 429 gets the edge's page, and no JSON", async () => {
  settings().edgePatience = 2;
  for (let n = 0; n < 23; n += 1) await call("GET", "v1/users/me");
  const { status, text } = await call("GET", "v1/users/me");
  expect([status, text.startsWith("<!DOCTYPE html>")]).toEqual([403, true]);
});

test("calls cost tokens of a daily budget that comes back at midnight", async () => {
  settings().dailyBudget = 6;
  const first = await call("POST", "v2/persons", { name: "Ada" });
  expect(first.headers.get("x-daily-ratelimit-token-remaining")).toBe("1");
  await call("POST", "v2/persons", { name: "Bob" });
  const spent = await call("GET", "v1/users/me");
  expect([spent.status, spent.headers.get("x-daily-ratelimit-token-remaining")]).toEqual([429, "0"]);
  time += 86_400_000;
  expect((await call("GET", "v1/users/me")).status).toBe(200);
});

test("a custom field's value that does not fit is a 400 that names its key", async () => {
  const field = crm().addField("person", "Size", "enum", ["Small"]);
  const create = (value: unknown) =>
    call("POST", "v2/persons", { name: "Ada", custom_fields: { [field.field_code]: value } });
  const refused = await create("Small");
  expect([refused.status, refused.text.includes(field.field_code)]).toEqual([400, true]);
  expect((await create(field.options?.[0]?.id)).status).toBe(200);
  expect((await call("POST", "v2/persons", { name: "Ada", custom_fields: { nowhere: 1 } })).status).toBe(400);
});

test("a malformed custom_fields is a 500, every time", async () => {
  const { status, code } = await call("POST", "v2/persons", { name: "Ada", custom_fields: ["x"] });
  expect([status, code]).toEqual([500, "ERR_UNKNOWN"]);
});

test("a lead needs its person, keeps its origin id, and is listed by person", async () => {
  const person = crm().addPerson({ name: "Ada" });
  expect((await call("POST", "v1/leads", { title: "x", person_id: 99 })).status).toBe(400);
  const made = await call("POST", "v1/leads", { title: "x", person_id: person.id, origin_id: "lead_1" });
  expect(made.status).toBe(201);
  expect((await call("GET", `v1/leads?person_id=${person.id}`)).data).toMatchObject([{ origin_id: "lead_1" }]);
  expect((await call("GET", "v1/leads?person_id=98")).data).toBeNull();
});

test("a deal takes no origin id, and a capped plan takes neither", async () => {
  const person = crm().addPerson({ name: "Ada" });
  expect((await call("POST", "v2/deals", { title: "x", origin_id: "lead_1" })).status).toBe(400);
  expect((await call("POST", "v2/deals", { title: "x", person_id: person.id })).status).toBe(201);
  settings().capped = true;
  const capped = await call("POST", "v2/deals", { title: "x", person_id: person.id });
  expect([capped.status, capped.code]).toEqual([403, "feature_capping_deals_limit"]);
});

test("the marketing status changes once, and only with Campaigns", async () => {
  const status = async (body: object) => {
    const { data } = await call("PATCH", `v2/persons/${crm().persons[0]?.id}`, body);
    return (data as { marketing_status?: string }).marketing_status;
  };
  crm().addPerson({ name: "Ada", emails: ["ada@example.com"] });
  expect(await status({ marketing_status: "subscribed" })).toBeUndefined();
  settings().campaigns = true;
  expect(await status({ marketing_status: "subscribed" })).toBe("subscribed");
  expect(await status({ marketing_status: "unsubscribed" })).toBe("subscribed");
});

test("the marketing status is passed over without a valid address, and shown by reads only when asked for", async () => {
  settings().campaigns = true;
  const person = crm().addPerson({ name: "Ada" });
  const patched = await call("PATCH", `v2/persons/${person.id}`, { marketing_status: "subscribed" });
  expect([patched.status, person.marketing_status]).toEqual([200, "no_consent"]);
  expect((await call("GET", `v2/persons/${person.id}`)).data).not.toHaveProperty("marketing_status");
  const asked = () => call("GET", `v2/persons/${person.id}?include_fields=marketing_status`);
  expect((await asked()).data).toMatchObject({ marketing_status: "no_consent" });
  settings().campaigns = false;
  expect((await asked()).data).not.toHaveProperty("marketing_status");
  settings().marketingAsked = "refused";
  expect((await asked()).status).toBe(403);
});

test("a change of the marketing status counts from the first, or from no_consent only", async () => {
  settings().campaigns = true;
  const body = { name: "Ada", emails: emails("ada@example.com"), marketing_status: "subscribed" };
  for (const change of ["once", "from-no-consent"] as const) {
    settings().marketingChanges = change;
    const { id } = (await call("POST", "v2/persons", body)).data as { id: number };
    await call("PATCH", `v2/persons/${id}`, { marketing_status: "unsubscribed" });
  }
  expect(crm().persons.map(({ marketing_status }) => marketing_status)).toEqual(["unsubscribed", "subscribed"]);
});

test("a deleted person is only marked so: no list or search shows them, and their leads have nobody", async () => {
  const person = crm().addPerson({ name: "Ada", emails: ["ada@example.com"] });
  await call("POST", "v1/leads", { title: "x", person_id: person.id });
  expect((await call("DELETE", `v2/persons/${person.id}`)).data).toEqual({ id: person.id });
  expect((await call("GET", `v2/persons/${person.id}`)).data).toMatchObject({ is_deleted: true });
  expect((await call("GET", "v2/persons")).data).toEqual([]);
  expect((await call("GET", "v2/persons/search?term=ada@example.com&fields=email")).data).toEqual({ items: [] });
  expect(crm().leads[0]?.person_id).toBeNull();
  settings().showsDeleted = false;
  expect((await call("GET", `v2/persons/${person.id}`)).status).toBe(404);
});

test("what is deleted twice, or may not be deleted, is an error", async () => {
  const person = crm().addPerson({ name: "Ada" });
  settings().mayDelete = false;
  expect((await call("DELETE", `v2/persons/${person.id}`)).status).toBe(403);
  settings().mayDelete = true;
  for (const status of [200, 404]) expect((await call("DELETE", `v2/persons/${person.id}`)).status).toBe(status);
  settings().deletedTwice = 410;
  expect((await call("DELETE", `v2/persons/${person.id}`)).status).toBe(410);
});

test("a deleted lead takes its notes along; a deleted deal is marked, and its notes can be deleted", async () => {
  const person = crm().addPerson({ name: "Ada" });
  const make = async (path: string, body: object) => ((await call("POST", path, body)).data as { id: string }).id;
  const lead = await make("v1/leads", { title: "x", person_id: person.id });
  const deal = await make("v2/deals", { title: "x", person_id: person.id });
  await make("v1/notes", { content: "x", lead_id: lead });
  const note = await make("v1/notes", { content: "x", deal_id: deal });
  for (const path of [`v1/leads/${lead}`, `v2/deals/${deal}`]) expect((await call("DELETE", path)).status).toBe(200);
  expect(crm().notes.map(({ id }) => id)).toEqual([note]);
  expect((await call("DELETE", `v1/notes/${note}`)).data).toBe(true);
  expect((await call("GET", `v1/leads/${lead}`)).status).toBe(404);
  expect((await call("GET", `v2/deals/${deal}`)).data).toMatchObject({ is_deleted: true });
  expect((await call("GET", `v2/deals?person_id=${person.id}`)).data).toEqual([]);
});

test("the search over everything knows fields and notes, and trails behind", async () => {
  const field = crm().addField("deal", "Lead ID", "varchar");
  const person = crm().addPerson({ name: "Ada" });
  const body = { title: "x", person_id: person.id };
  await call("POST", "v1/leads", { ...body, [field.field_code]: "lead_1" });
  await call("POST", "v2/deals", body);
  await call("POST", "v1/notes", { content: "about lead_1", deal_id: crm().deals[0]?.id });
  const search = async () => {
    const { data } = await call(
      "GET",
      "v2/itemSearch?term=lead_1&item_types=lead,deal,person&fields=custom_fields,notes",
    );
    return (data as { items: { item: { type: string } }[] }).items.map(({ item }) => item.type);
  };
  expect(await search()).toEqual([]);
  time += 2_000;
  expect(await search()).toEqual(["lead", "deal"]);
});

test("lists of version 2 go on behind a cursor", async () => {
  for (let n = 0; n < 5; n += 1) crm().addPerson({ name: `Person ${n}` });
  const first = await call("GET", "v2/persons?limit=3");
  const second = await call("GET", `v2/persons?limit=3&cursor=${first.additional_data?.next_cursor}`);
  expect([first.data, second.data].map((page) => (page as unknown[]).length)).toEqual([3, 2]);
  expect(second.additional_data?.next_cursor).toBeNull();
});

test("fields with Contact Sync only are a 403 without it, an unpaid company a 402", async () => {
  expect((await call("POST", "v2/persons", { name: "Ada", job_title: "CTO" })).status).toBe(403);
  settings().unpaid = true;
  expect((await call("GET", "v1/users/me")).status).toBe(402);
});

test("what it created is counted as held, each under its own id", async () => {
  const { data } = await call("POST", "v2/persons", { name: "Ada" });
  const { id } = data as { id: number };
  await call("PATCH", `v2/persons/${id}`, { name: "Ada L." });
  expect([...sandbox.vendors.pipedrive.records.keys()]).toEqual([`person ${id}`]);
});
