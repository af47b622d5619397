import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";
import { leadkeep } from "../../src/adapters/next.ts";
import { type GatewayOptions, getGateway } from "../../src/adapters/shared/one-gateway.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/index.ts";
import { aDatabase } from "../support/a-database.ts";
import { aGateway, aPerson } from "../support/a-gateway.ts";
import { startNode } from "../support/node-process.ts";
import { until } from "../support/until.ts";

let folder: string;
let sandbox: Sandbox;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "leadkeep-app-"));
  sandbox = await startSandbox();
});
afterEach(async () => {
  await sandbox.close();
  rmSync(folder, { recursive: true, force: true });
});

function variables(more: Record<string, string> = {}): Record<string, string> {
  return {
    LEADKEEP_DATA: join(folder, "data"),
    LEADKEEP_ALLOW_PRIVATE_NETWORK: "1",
    LEADKEEP_LOG_LEVEL: "silent",
    CRM_WEBHOOK_URL: sandbox.vendors.webhook.url,
    ...more,
  };
}

async function opened(options: GatewayOptions) {
  const gateway = await getGateway(options);
  onTestFinished(() => gateway.stop());
  return gateway;
}

function aPost(): Request {
  return new Request("https://site.example/api/leadkeep/f/contact", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(aPerson()),
  });
}

test("a ledger is opened once in a process, however often the code is loaded", async () => {
  const anew = "../../src/adapters/shared/one-gateway.ts?loaded-again";
  const again = (await import(anew)) as { getGateway: typeof getGateway };
  expect(again.getGateway).not.toBe(getGateway);
  const [first, second] = await Promise.all([
    opened({ folder, variables: variables() }),
    again.getGateway({ folder, variables: variables() }),
  ]);
  expect(second).toBe(first);
});

test("two ledgers are two gateways", async () => {
  const one = await opened({ folder, variables: variables() });
  const other = await opened({ folder, variables: variables({ LEADKEEP_DATA: join(folder, "other") }) });
  expect(other).not.toBe(one);
});

test("what could not be opened is tried again with the next request", async () => {
  const { POST } = leadkeep({ folder, variables: variables() });
  writeFileSync(join(folder, "data"), "in the way");
  expect((await POST(aPost())).status).toBe(503);
  rmSync(join(folder, "data"));
  expect((await POST(aPost())).status).toBe(202);
  await opened({ folder, variables: variables() });
});

test("config file and .env are found, and the lanes are at work from the first request on", async () => {
  writeFileSync(join(folder, "leadkeep.config.ts"), "export default { forms: { contact: {} } };\n");
  const { CRM_WEBHOOK_URL, ...others } = variables();
  writeFileSync(join(folder, ".env"), `CRM_WEBHOOK_URL=${CRM_WEBHOOK_URL}\n`);
  const { POST } = leadkeep({ folder, variables: others });
  expect((await POST(aPost())).status).toBe(202);
  await until(() => sandbox.vendors.webhook.received.length === 1);
  const gateway = await opened({ folder, variables: others });
  expect([...(gateway.options.forms?.keys() ?? [])]).toEqual(["contact"]);
});

test("a wrong configuration fails loudly", async () => {
  await expect(leadkeep({ folder, variables: variables({ TRUST_PROXY: "all" }) }).POST(aPost())).rejects.toThrow(
    "TRUST_PROXY",
  );
});

test("a function that keeps no files refuses the embedded ledger", async () => {
  const opening = getGateway({ folder, variables: variables({ VERCEL: "1" }) });
  await expect(opening).rejects.toThrow("This host keeps no files, so the embedded ledger cannot be used");
});

test("while the ledger cannot be reached a visitor is told to send again", async () => {
  const nowhere = "postgres://user:password@127.0.0.1:1/leads";
  const response = await leadkeep({ folder, variables: variables({ DATABASE_URL: nowhere }) }).POST(aPost());
  expect([response.status, response.headers.get("retry-after")]).toEqual([503, "5"]);
});

test("an app that only keeps leads has them delivered by a worker on the same Postgres", async () => {
  const database = await aDatabase();
  const shared = { DATABASE_URL: database.url, LEADKEEP_SECRET: "a secret of more than sixteen" };
  const app = await getGateway({ folder, variables: variables({ ...shared, LEADKEEP_WORKER: "0" }) });
  const worker = await aGateway({ variables: variables({ ...shared, LEADKEEP_DATA: join(folder, "worker") }) });
  onTestFinished(async () => {
    await app.stop();
    await worker.close();
    await database.drop();
  });
  const waiting: Promise<unknown>[] = [];
  const { POST } = leadkeep({
    folder,
    variables: variables({ ...shared, LEADKEEP_WORKER: "0" }),
    waitUntil: (work) => waiting.push(work),
  });
  expect((await POST(aPost())).status).toBe(202);
  await until(() => sandbox.vendors.webhook.received.length === 1);
  expect([waiting, app.status().length, worker.gateway.status().length]).toEqual([[], 1, 1]);
});

test("a function delivers after its reply, by what the host offers", async () => {
  const database = await aDatabase();
  const settings = variables({ VERCEL: "1", DATABASE_URL: database.url });
  const gateway = await getGateway({ folder, variables: settings });
  onTestFinished(async () => {
    await gateway.stop();
    await database.drop();
  });
  const waiting: Promise<unknown>[] = [];
  const context = Symbol.for("@vercel/request-context");
  Object.assign(globalThis, {
    [context]: { get: () => ({ waitUntil: (work: Promise<unknown>) => waiting.push(work) }) },
  });
  onTestFinished(() => void Reflect.deleteProperty(globalThis, context));
  expect((await leadkeep({ folder, variables: settings }).POST(aPost())).status).toBe(202);
  expect(waiting).toHaveLength(1);
  await Promise.all(waiting);
  expect(sandbox.vendors.webhook.received).toHaveLength(1);
});

test("before-reply: a host that cannot go on after the reply delivers first", async () => {
  const database = await aDatabase();
  const options = { folder, variables: variables({ DATABASE_URL: database.url }), work: "before-reply" } as const;
  const gateway = await getGateway(options);
  onTestFinished(async () => {
    await gateway.stop();
    await database.drop();
  });
  expect((await leadkeep(options).POST(aPost())).status).toBe(202);
  expect(sandbox.vendors.webhook.received).toHaveLength(1);
});

test("an app told to end finishes the attempts under way, and ends", async () => {
  mkdirSync(join(folder, "app"));
  sandbox.vendors.webhook.setFault({ type: "latency", ms: 400 });
  const module = JSON.stringify(new URL("../../src/adapters/next.ts", import.meta.url).href);
  const app = startNode(`
    const { leadkeep } = await import(${module});
    const { POST } = leadkeep({ folder: ${JSON.stringify(join(folder, "app"))}, variables: ${JSON.stringify(variables())} });
    const body = JSON.stringify({ email: "ada@example.com", consent: true });
    const headers = { "content-type": "application/json" };
    const reply = await POST(new Request("https://site.example/f/contact", { method: "POST", headers, body }));
    console.log(reply.status);
  `);
  await app.printed(1);
  await until(() => sandbox.vendors.webhook.received.length === 1);
  app.kill("SIGTERM");
  expect([app.lines[0], await app.exited]).toEqual(["202", "SIGTERM"]);
  const { ledger } = await opened({ folder, variables: variables({ LEADKEEP_WORKER: "1" }) });
  expect(await ledger.backlog()).toEqual([]);
});
