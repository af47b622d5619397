import { afterEach, beforeEach, expect, test } from "vitest";
import { type Sandbox, startSandbox } from "../index.ts";

let time = 1_000_000;
let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await startSandbox({ now: () => time });
});
afterEach(() => sandbox.close());

function post(body: string): Promise<Response> {
  return fetch(sandbox.vendors.zapier.url, { method: "POST", body, headers: { "content-type": "application/json" } });
}

test("a catch hook answers success with ids of its own", async () => {
  const response = await post('{"event_id":"evt_1"}');
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({
    id: expect.any(String),
    request_id: expect.any(String),
    attempt: expect.any(String),
    status: "success",
  });
});

test("what was received is kept in order and held by event id, a repeat as a second entry", async () => {
  const { zapier } = sandbox.vendors;
  for (const id of ["evt_1", "evt_2", "evt_1"]) await post(JSON.stringify({ event_id: id }));
  expect(zapier.received.map(({ json }) => json)).toEqual([
    { event_id: "evt_1" },
    { event_id: "evt_2" },
    { event_id: "evt_1" },
  ]);
  expect([...zapier.records].map(([id, held]) => [id, held.length])).toEqual([
    ["evt_1", 2],
    ["evt_2", 1],
  ]);
});

test("an empty request is answered success and ignored", async () => {
  expect((await post("")).status).toBe(200);
  expect(sandbox.vendors.zapier.received).toMatchObject([{ applied: false, answered: 200 }]);
  expect(sandbox.vendors.zapier.records.size).toBe(0);
});

test("GET with a query is taken too, and told apart by its method", async () => {
  await fetch(`${sandbox.vendors.zapier.url}?event_id=evt_9`);
  expect(sandbox.vendors.zapier.received).toMatchObject([{ method: "GET", applied: true }]);
  expect(sandbox.vendors.zapier.records.has("evt_9")).toBe(true);
});

test("an unsubscribed hook answers 410", async () => {
  sandbox.vendors.zapier.settings.unsubscribed = true;
  expect((await post("{}")).status).toBe(410);
});

test("a Zap that is off answers success and processes nothing", async () => {
  sandbox.vendors.zapier.settings.zapOff = true;
  expect((await post("{}")).status).toBe(200);
  expect(sandbox.vendors.zapier.received).toMatchObject([{ applied: true, processed: false }]);
});

test("a top-level array makes one record for each element, or one in all when the switch says so", async () => {
  const { zapier } = sandbox.vendors;
  await post('[{"event_id":"evt_1"},{"event_id":"evt_2"}]');
  expect([...zapier.records.keys()]).toEqual(["evt_1", "evt_2"]);
  sandbox.reset();
  zapier.settings.splitArrays = false;
  await post('[{"event_id":"evt_1"},{"event_id":"evt_2"}]');
  expect(zapier.records.size).toBe(1);
});

test("with limits on, the 31st request within a second is answered 429, and the next second is free again", async () => {
  sandbox.vendors.zapier.settings.limits = true;
  for (let n = 0; n < 30; n += 1) expect((await post("{}")).status).toBe(200);
  expect((await post("{}")).status).toBe(429);
  time += 1_000;
  expect((await post("{}")).status).toBe(200);
});

test("a body longer than the limit is answered 413 and not held", async () => {
  sandbox.vendors.zapier.settings.maxBodyBytes = 100;
  expect((await post(JSON.stringify({ event_id: "evt_1", message: "x".repeat(100) }))).status).toBe(413);
  expect(sandbox.vendors.zapier.records.size).toBe(0);
});

test("a body of 20 MB is read to its end and answered 413", async () => {
  expect((await post("x".repeat(20_000_000))).status).toBe(413);
});

test("another hook's address is not found", async () => {
  expect((await fetch(`${sandbox.url}/zapier/hooks/catch/1/other/`, { method: "POST", body: "{}" })).status).toBe(404);
});
