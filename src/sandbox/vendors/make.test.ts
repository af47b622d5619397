import { afterEach, beforeEach, expect, test } from "vitest";
import { type Sandbox, startSandbox } from "../index.ts";

let time = 1_000_000;
let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await startSandbox({ now: () => time });
});
afterEach(() => sandbox.close());

async function post(body: object, headers: Record<string, string> = {}, url = sandbox.vendors.make.url) {
  const response = await fetch(url, { method: "POST", body: JSON.stringify(body), headers });
  return { status: response.status, text: await response.text(), headers: response.headers };
}

test("a custom webhook answers Accepted as plain text", async () => {
  const { status, text, headers } = await post({ event_id: "evt_1" });
  expect([status, text]).toEqual([200, "Accepted"]);
  expect(headers.get("content-type")).toMatch("text/plain");
  expect(headers.get("make-actual-status")).toBe("200");
  expect(sandbox.vendors.make.records.get("evt_1")).toHaveLength(1);
});

test("the gateway's own headers can be left out", async () => {
  sandbox.vendors.make.settings.gatewayHeaders = false;
  expect((await post({})).headers.has("make-actual-status")).toBe(false);
});

test("a full queue answers 400", async () => {
  sandbox.vendors.make.settings.queueFull = true;
  expect(await post({})).toMatchObject({ status: 400, text: "Queue is full" });
  expect(sandbox.vendors.make.records.size).toBe(0);
});

test("a scenario that is off accepts, queues without processing, and is full in the end", async () => {
  Object.assign(sandbox.vendors.make.settings, { scenarioOff: true, queueLimit: 2 });
  expect(await post({})).toMatchObject({ status: 200, text: "Accepted" });
  await post({});
  expect(sandbox.vendors.make.received).toMatchObject([
    { applied: true, processed: false },
    { applied: true, processed: false },
  ]);
  expect(await post({})).toMatchObject({ status: 400, text: "Queue is full" });
});

test("a hook without a scenario answers 410", async () => {
  sandbox.vendors.make.settings.inactive = true;
  expect(await post({})).toMatchObject({ status: 410, text: "There is no scenario listening for this webhook." });
});

test("an unknown hook answers 410", async () => {
  expect(await post({}, {}, `${sandbox.url}/make/other`)).toMatchObject({ status: 410, text: "Webhook not found." });
});

test("with an API key set, only requests that carry it are taken", async () => {
  sandbox.vendors.make.settings.apiKey = "a-key";
  expect((await post({})).status).toBe(401);
  expect((await post({}, { "x-make-apikey": "a-key" })).status).toBe(200);
  sandbox.vendors.make.settings.wrongKeyStatus = 403;
  expect((await post({}, { "x-make-apikey": "another" })).status).toBe(403);
});

test("a body without a key the data structure requires is answered 400", async () => {
  sandbox.vendors.make.settings.requiredKeys = ["email"];
  const refused = await post({ name: "x" });
  expect(refused.status).toBe(400);
  expect(refused.text).not.toMatch(/queue is full/i);
  expect((await post({ email: "" })).status).toBe(200);
});

test("with limits on, the 301st request within ten seconds is answered 429", async () => {
  sandbox.vendors.make.settings.limits = true;
  for (let n = 0; n < 300; n += 1) await post({});
  expect(await post({})).toMatchObject({ status: 429, text: "Too many requests" });
  time += 10_000;
  expect((await post({})).status).toBe(200);
});

test("a body over 5 MB is answered 413", async () => {
  expect((await post({ message: "x".repeat(5_000_000) })).status).toBe(413);
});
