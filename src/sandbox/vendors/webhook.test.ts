import { Webhook } from "standardwebhooks";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Sandbox, startSandbox } from "../index.ts";

const secret = `whsec_${Buffer.from("a secret of thirty-two bytes....").toString("base64")}`;
let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await startSandbox();
});
afterEach(() => sandbox.close());

async function post(body: string, headers: Record<string, string> = {}) {
  const response = await fetch(sandbox.vendors.webhook.url, { method: "POST", body, headers });
  return { status: response.status, json: await response.json() };
}

function signed(id: string, body: string, at = new Date()): Record<string, string> {
  return {
    "webhook-id": id,
    "webhook-timestamp": String(Math.floor(at.getTime() / 1000)),
    "webhook-signature": new Webhook(secret).sign(id, at, body),
  };
}

test("a plain receiver takes any POST", async () => {
  expect(await post("not json")).toEqual({ status: 200, json: { ok: true } });
  expect(sandbox.vendors.webhook.received).toMatchObject([{ body: "not json", json: undefined, applied: true }]);
});

test("a body without an event id is held by its webhook-id", async () => {
  await post("{}", { "webhook-id": "msg_1" });
  expect([...sandbox.vendors.webhook.records.keys()]).toEqual(["msg_1"]);
});

test("with a secret, a true signature is taken", async () => {
  sandbox.vendors.webhook.settings.secret = secret;
  const body = '{"name":"Žofie ☀"}';
  expect((await post(body, signed("msg_1", body))).status).toBe(200);
});

test.each([
  ["none", {}],
  ["one over another body", signed("msg_1", "{}")],
  ["an old one", signed("msg_1", '{"a":1}', new Date(Date.now() - 3_600_000))],
])("with a secret, a signature is refused with 401: %s", async (_, headers) => {
  sandbox.vendors.webhook.settings.secret = secret;
  expect((await post('{"a":1}', headers)).status).toBe(401);
  expect(sandbox.vendors.webhook.received).toMatchObject([{ applied: false, answered: 401 }]);
});

test("told to deduplicate, it keeps the first of a webhook-id and answers the repeat alike", async () => {
  sandbox.vendors.webhook.settings.deduplicate = true;
  for (let n = 0; n < 2; n += 1) expect((await post("{}", { "webhook-id": "msg_1" })).status).toBe(200);
  expect(sandbox.vendors.webhook.received.map(({ applied }) => applied)).toEqual([true, false]);
});

test("anything but POST is answered 405", async () => {
  expect((await fetch(sandbox.vendors.webhook.url)).status).toBe(405);
});
