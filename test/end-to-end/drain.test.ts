import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { checkConfig } from "../../src/config/config.ts";
import { type Gateway, openGateway } from "../../src/gateway.ts";
import { silentLog } from "../../src/model/log.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/index.ts";
import { type RunningServer, startServer } from "../../src/server/server.ts";
import { aDatabase } from "../support/a-database.ts";
import { aPerson } from "../support/a-gateway.ts";

const token = "a-drain-token-of-24-letters";
let sandbox: Sandbox;
let folder: string;
let gateway: Gateway;
let server: RunningServer | null = null;

beforeEach(async () => {
  sandbox = await startSandbox();
  folder = mkdtempSync(join(tmpdir(), "leadkeep-"));
});

afterEach(async () => {
  await server?.close(1_000);
  server = null;
  await gateway.stop({ graceMs: 1_000 });
  await sandbox.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A gateway nobody starts, as a function on a serverless host has it. */
async function open(variables: Record<string, string> = {}): Promise<Gateway> {
  const options = await checkConfig(
    {},
    {
      LEADKEEP_DATA: folder,
      LEADKEEP_ALLOW_PRIVATE_NETWORK: "1",
      CRM_WEBHOOK_URL: sandbox.vendors.webhook.url,
      PORT: "0",
      ...variables,
    },
  );
  gateway = await openGateway(options, { log: silentLog });
  return gateway;
}

function submission(): Request {
  return new Request("https://site.example/f/contact", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(aPerson()),
  });
}

const received = () => sandbox.vendors.webhook.received.length;

test("a gateway that was never started keeps leads, and delivers them when it is drained", async () => {
  const { handler, drain } = await open();
  await handler(submission());
  await handler(submission());
  expect(received()).toBe(0);
  expect(await drain({ budgetMs: 10_000 })).toEqual({ attempts: 2, more: false });
  expect(received()).toBe(2);
});

test("after a drain nothing is delivered until the next one", async () => {
  const { handler, drain } = await open();
  await drain();
  await handler(submission());
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(received()).toBe(0);
  expect(await drain()).toMatchObject({ attempts: 1 });
});

test("a drain waits for nothing that is due only later", async () => {
  sandbox.vendors.webhook.setFault({ type: "status", status: 503 });
  const { handler, drain } = await open({ LEADKEEP_SCHEDULE: "1h" });
  await handler(submission());
  expect(await drain({ budgetMs: 600_000 })).toEqual({ attempts: 1, more: false });
});

test("a drain waits for nothing that is paused", async () => {
  const { handler, drain, ledger } = await open();
  await handler(submission());
  const reason = { code: "paused", message: "paused by a person" };
  await ledger.pause({ destination: "webhook", since: Date.now(), by: "person", reason });
  expect(await drain({ budgetMs: 600_000 })).toEqual({ attempts: 0, more: false });
});

test("a drain ends with its budget, finishes what is under way, and says that there is more", async () => {
  sandbox.vendors.webhook.setFault({ type: "latency", ms: 150 });
  const { handler, drain, ledger } = await open();
  await Promise.all(Array.from({ length: 60 }, () => handler(submission())));
  const { attempts, more } = await drain({ budgetMs: 200 });
  expect(more).toBe(true);
  expect(attempts).toBeLessThan(60);
  const backlog = await ledger.backlog();
  expect(backlog).toEqual([{ destination: "webhook", state: "pending", count: 60 - attempts }]);
});

test("drains at the same time deliver nothing twice", async () => {
  const { handler, drain } = await open();
  await Promise.all(Array.from({ length: 20 }, () => handler(submission())));
  await Promise.all([drain(), drain(), drain()]);
  expect(received()).toBe(20);
});

test("on Postgres, functions that drain at the same time deliver nothing twice", async () => {
  const database = await aDatabase();
  const shared = { DATABASE_URL: database.url, LEADKEEP_SECRET: "the-same-everywhere" };
  const gateways = [await open(shared), await open(shared), await open(shared)];
  const [first] = gateways;
  await Promise.all(Array.from({ length: 30 }, () => first?.handler(submission())));
  await Promise.all(gateways.map(({ drain }) => drain({ budgetMs: 20_000 })));
  expect(received()).toBe(30);
  await Promise.all(gateways.map(({ stop }) => stop()));
  await database.drop();
});

test("where the host lets work go on after the answer, a submission is delivered at once", async () => {
  const { handler } = await open();
  const after: Promise<unknown>[] = [];
  const response = await handler(submission(), { waitUntil: (work) => void after.push(work) });
  expect(response.status).toBe(202);
  await Promise.all(after);
  expect(received()).toBe(1);
});

test("a gateway that was started needs no drain after a submission", async () => {
  const { handler, start } = await open();
  await start();
  const after: Promise<unknown>[] = [];
  await handler(submission(), { waitUntil: (work) => void after.push(work) });
  expect(after).toEqual([]);
});

async function post(path: string, headers: Record<string, string> = {}): Promise<[number, unknown]> {
  const response = await fetch(`${server?.url}${path}`, { method: "POST", headers });
  return [response.status, await response.json()];
}

test("a timer with the token has what is due delivered", async () => {
  const { handler } = await open({ LEADKEEP_DRAIN_TOKEN: token });
  server = await startServer(gateway);
  await handler(submission());
  const answer = await post("/internal/drain?budget_ms=5000", { authorization: `Bearer ${token}` });
  expect(answer).toEqual([200, { attempts: 1, more: false }]);
});

test.each([
  ["no token", {}, "", 401],
  ["another token", { authorization: "Bearer another" }, "", 401],
  ["a beginning of the token", { authorization: `Bearer ${token.slice(0, -1)}` }, "", 401],
  ["a budget that is none", { authorization: `Bearer ${token}` }, "?budget_ms=1e9", 400],
])("a drain with %s is refused, and delivers nothing", async (_, headers: Record<string, string>, query, status) => {
  const { handler } = await open({ LEADKEEP_DRAIN_TOKEN: token });
  server = await startServer(gateway);
  await handler(submission());
  expect((await post(`/internal/drain${query}`, headers))[0]).toBe(status);
  expect(received()).toBe(0);
});

test("without a token configured there is no address to drain at", async () => {
  await open();
  server = await startServer(gateway);
  expect((await post("/internal/drain", { authorization: "Bearer " }))[0]).toBe(404);
});
