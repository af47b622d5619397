import { request } from "undici";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Sandbox, startSandbox } from "./index.ts";

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await startSandbox();
});
afterEach(() => sandbox.close());

async function control(path: string, body: unknown, headers: Record<string, string> = {}) {
  const { statusCode, body: answer } = await request(`${sandbox.url}/_sandbox/${path}`, {
    method: "POST",
    body: typeof body === "string" ? body : JSON.stringify(body),
    headers: { "content-type": "application/json", ...headers },
  });
  return { status: statusCode, json: (await answer.json()) as Record<string, unknown> };
}

async function state(): Promise<Record<string, unknown>> {
  const response = await fetch(`${sandbox.url}/_sandbox/state`);
  return ((await response.json()) as { vendors: Record<string, unknown> }).vendors;
}

function send(id: string): Promise<Response> {
  return fetch(sandbox.vendors.webhook.url, { method: "POST", body: JSON.stringify({ event_id: id }) });
}

test("state tells for each vendor what it received, newest first, with duplicates marked", async () => {
  for (const id of ["evt_1", "evt_2", "evt_1"]) await send(id);
  const vendors = await state();
  expect(Object.keys(vendors)).toEqual(Object.keys(sandbox.vendors));
  expect(vendors.webhook).toMatchObject({
    label: "Webhook",
    url: sandbox.vendors.webhook.url,
    fault: null,
    settings: { deduplicate: false },
    counts: { received: 3, applied: 3, records: 2, duplicates: 1 },
    received: [
      { n: 3, json: { event_id: "evt_1" }, duplicate: true },
      { n: 2, duplicate: false },
      { n: 1, duplicate: false },
    ],
  });
});

test("state shows the fifty newest and counts all", async () => {
  for (let n = 0; n < 60; n += 1) await send(`evt_${n}`);
  const vendors = await state();
  const received = expect.toSatisfy((entries: { n: number }[]) => entries.length === 50 && entries[0]?.n === 60);
  expect(vendors.webhook).toMatchObject({ counts: { received: 60 }, received });
});

test("a fault can be set and taken away", async () => {
  const fault = { type: "status", status: 500, times: 3 };
  expect((await control("fault", { vendor: "make", fault })).status).toBe(200);
  expect(sandbox.vendors.make.fault).toEqual(fault);
  expect((await control("fault", { vendor: "make", fault: null })).status).toBe(200);
  expect(sandbox.vendors.make.fault).toBeNull();
});

test("settings change one by one and leave the others", async () => {
  await control("settings", { vendor: "make", settings: { queueFull: true } });
  await control("settings", { vendor: "make", settings: { apiKey: "a-key" } });
  expect(sandbox.vendors.make.settings).toMatchObject({ queueFull: true, apiKey: "a-key" });
});

test("reset forgets everything", async () => {
  await send("evt_1");
  expect((await control("reset", {})).status).toBe(200);
  expect(sandbox.vendors.webhook.received).toHaveLength(0);
});

test.each([
  ["fault", "not json"],
  ["fault", {}],
  ["fault", { vendor: "nobody", fault: null }],
  ["fault", { vendor: "make", fault: { type: "explode" } }],
  ["fault", { vendor: "make", fault: { type: "status", status: 99 } }],
  ["fault", { vendor: "make", fault: { type: "status", status: 500, headers: { "bad name": "x" } } }],
  ["fault", { vendor: "make", fault: { type: "redirect", location: "a\r\nb" } }],
  ["fault", { vendor: "make", fault: { type: "garbage", rate: 2 } }],
  ["fault", { vendor: "make", fault: { type: "hang" } }],
  ["settings", { vendor: "make", settings: { queueFull: "yes" } }],
  ["settings", { vendor: "make", settings: { unknown: true } }],
  ["settings", { vendor: "webhook", settings: { secret: "whsec_***" } }],
])("wrong input is answered 400 with what is wrong: %s %j", async (path, body) => {
  const { status, json } = await control(path, body);
  expect([status, typeof json.error]).toEqual([400, "string"]);
  expect(sandbox.vendors.make.fault).toBeNull();
});

test("an unknown control is answered 404", async () => {
  expect((await control("other", {})).status).toBe(404);
});

test.each(["evil.example.com", "evil.example.com:80", ""])(
  "a request under another host name is refused: %j",
  async (host) => {
    const { statusCode, body } = await request(`${sandbox.url}/_sandbox/state`, { headers: { host } });
    await body.dump();
    expect(statusCode).toBe(403);
  },
);

test("localhost is the sandbox's own name too", async () => {
  const { port } = new URL(sandbox.url);
  const { statusCode, body } = await request(`${sandbox.url}/_sandbox/state`, {
    headers: { host: `localhost:${port}` },
  });
  await body.dump();
  expect(statusCode).toBe(200);
});

test("a page of another site cannot turn switches", async () => {
  const { status } = await control("reset", {}, { origin: "https://evil.example.com", "content-type": "text/plain" });
  expect(status).toBe(403);
});
