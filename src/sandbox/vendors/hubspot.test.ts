import { afterEach, beforeEach, expect, test } from "vitest";
import { type Sandbox, startSandbox } from "../index.ts";

let time = 1_000_000;
let sandbox: Sandbox;

beforeEach(async () => {
  sandbox = await startSandbox({ now: () => time });
});

afterEach(() => sandbox.close());

const contacts = "/crm/objects/2026-09/contacts";
const settings = (changes: object) => Object.assign(sandbox.vendors.hubspot.settings, changes);

async function call(method: string, path: string, body?: object) {
  const response = await fetch(sandbox.vendors.hubspot.url + path, {
    method,
    headers: { authorization: "Bearer any" },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  return {
    status: response.status,
    headers: response.headers,
    json: (await response.json()) as Record<string, unknown>,
  };
}

const create = (properties: Record<string, string>) => call("POST", contacts, { properties });

test("an e-mail is unique, second addresses included, whatever their case", async () => {
  expect((await create({ email: "ada@example.com", hs_additional_emails: "work@example.com" })).status).toBe(201);
  for (const email of ["ADA@example.com", "work@example.com"]) {
    const { status, json } = await create({ email });
    expect([status, json.category]).toEqual([409, "CONFLICT"]);
    expect(json.message).toMatch(/Existing ID: \d+/);
  }
});

test("the other wording of a conflict is a 400 with the contact as its second id", async () => {
  settings({ conflicts: "coordinates" });
  const { json: first } = await create({ email: "ada@example.com" });
  const { status, json } = await create({ email: "ada@example.com" });
  expect(status).toBe(400);
  expect(json.message).toMatch(new RegExp(`on \\d+\\. ${String(first.id)} already has that value`));
});

test("an unknown property refuses the whole contact", async () => {
  const { status, json } = await create({ email: "ada@example.com", nonsense: "x" });
  expect(status).toBe(400);
  expect(json).toMatchObject({ errors: [{ code: "PROPERTY_DOESNT_EXIST", context: { propertyName: ["nonsense"] } }] });
  expect(sandbox.vendors.hubspot.own.all("contacts")).toEqual([]);
});

test("a stage goes forward only, and an empty value clears", async () => {
  const { json } = await create({ email: "ada@example.com", lifecyclestage: "customer", company: "X" });
  const path = `${contacts}/${String(json.id)}`;
  expect((await call("PATCH", path, { properties: { lifecyclestage: "lead", company: "" } })).status).toBe(200);
  const [held] = sandbox.vendors.hubspot.own.all("contacts");
  expect(held?.properties.lifecyclestage).toBe("customer");
  expect(held?.properties).not.toHaveProperty("company");
});

test("search does not know for a while what was written", async () => {
  await create({ email: "ada@example.com" });
  const query = { filterGroups: [{ filters: [{ propertyName: "email", operator: "EQ", value: "ada@example.com" }] }] };
  expect((await call("POST", `${contacts}/search`, query)).json.total).toBe(0);
  time += 2_000;
  expect((await call("POST", `${contacts}/search`, query)).json.total).toBe(1);
});

test("limits are told in headers, and the call beyond is answered 429 with its policy", async () => {
  settings({ callsPer10s: 2 });
  expect((await call("GET", `${contacts}/1`)).headers.get("x-hubspot-ratelimit-remaining")).toBe("1");
  await call("GET", `${contacts}/1`);
  expect(await call("GET", `${contacts}/1`)).toMatchObject({
    status: 429,
    json: { policyName: "TEN_SECONDLY_ROLLING" },
  });
  time += 10_000;
  expect((await call("GET", `${contacts}/1`)).status).toBe(404);
  settings({ callsPerDay: 1 });
  expect(await call("GET", `${contacts}/1`)).toMatchObject({ status: 429, json: { policyName: "DAILY" } });
});

test("a batch is created item by item when every input can be told, else refused as a whole", async () => {
  await create({ email: "ada@example.com" });
  const inputs = ["ada@example.com", "bea@example.com"].map((email) => ({ properties: { email } }));
  expect((await call("POST", `${contacts}/batch/create`, { inputs })).status).toBe(409);
  const traced = inputs.map((input, index) => ({ ...input, objectWriteTraceId: String(index) }));
  const { status, json } = await call("POST", `${contacts}/batch/create`, { inputs: traced });
  expect(status).toBe(207);
  expect(json).toMatchObject({
    results: [{ objectWriteTraceId: "1" }],
    errors: [{ context: { objectWriteTraceId: ["0"] } }],
  });
});

test("a batch upsert says who is new", async () => {
  await create({ email: "ada@example.com" });
  const inputs = ["ada@example.com", "bea@example.com"].map((id) => ({ id, idProperty: "email", properties: {} }));
  const { json } = await call("POST", `${contacts}/batch/upsert`, { inputs });
  expect(json).toMatchObject({ results: [{ new: false }, { new: true }] });
});

test("a scope the token lacks is named", async () => {
  settings({ scopes: [] });
  expect(await create({ email: "ada@example.com" })).toMatchObject({
    status: 403,
    json: {
      category: "MISSING_SCOPES",
      errors: [{ context: { requiredGranularScopes: ["crm.objects.contacts.write"] } }],
    },
  });
});

test("a wrong token is answered 401", async () => {
  settings({ accessToken: "another" });
  expect((await create({ email: "ada@example.com" })).status).toBe(401);
});
