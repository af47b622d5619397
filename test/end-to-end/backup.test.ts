import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import * as z from "zod";
import { defineDestination } from "../../src/index.ts";
import type { DestinationSettings, StatusRecord } from "../../src/model/destination.ts";
import type { Lead } from "../../src/model/lead.ts";
import type { Outcome } from "../../src/model/outcome.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/index.ts";
import { aGateway, aPerson, type TestGateway } from "../support/a-gateway.ts";
import { until } from "../support/until.ts";

const open: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

/** A sheet in memory: keeps one row per lead, looks before it writes, and can be told to be slow or down. */
function aSheet() {
  const rows = new Map<string, Lead>();
  const told: StatusRecord[][] = [];
  const state = { slowMs: 0, down: false, syncFails: 0 };
  const definition = defineDestination({
    kind: "sheet",
    label: "Sheet",
    options: z.object({}),
    basis: "contract",
    concurrency: 1,
    backup: true,
    async deliver(lead): Promise<Outcome> {
      await new Promise((resolve) => setTimeout(resolve, state.slowMs));
      if (state.down) return { type: "retry", reason: { code: "server_error", message: "answered 503" } };
      rows.set(lead.id, lead);
      return { type: "delivered", ref: `row ${rows.size}` };
    },
    async find(lead) {
      return rows.has(lead.id) ? { type: "found", ref: "found" } : { type: "missing" };
    },
    async sync(records): Promise<Outcome> {
      if (state.syncFails > 0) {
        state.syncFails -= 1;
        return { type: "retry", reason: { code: "server_error", message: "answered 503" } };
      }
      told.push([...records]);
      return { type: "delivered" };
    },
  });
  return { rows, told, state, definition };
}

async function aSandbox(): Promise<Sandbox> {
  const sandbox = await startSandbox();
  open.push(() => sandbox.close());
  return sandbox;
}

async function gatewayWith(
  sheet: ReturnType<typeof aSheet>,
  settings: DestinationSettings,
  variables = {},
): Promise<TestGateway> {
  const gateway = await aGateway({ config: { destinations: { sheet: sheet.definition(settings) } }, variables });
  open.push(() => gateway.close());
  return gateway;
}

test("with confirm before reply the backup has the lead before the visitor is thanked", async () => {
  const sheet = aSheet();
  sheet.state.slowMs = 150;
  const gateway = await gatewayWith(sheet, { confirm: "before-reply" });
  const lead = await gateway.post(aPerson());
  expect([...sheet.rows.keys()]).toEqual([lead]);
});

test("a backup that is too slow to confirm does not keep the visitor, and gets the lead all the same", async () => {
  const sheet = aSheet();
  sheet.state.slowMs = 400;
  const gateway = await gatewayWith(sheet, { confirm: "before-reply", confirmMs: 50 });
  const lead = await gateway.post(aPerson());
  expect(sheet.rows.size).toBe(0);
  await gateway.delivery(lead, "sheet", "delivered");
});

test("while the ledger cannot be written a backup takes the lead, which is on record once it can, and there only once", async () => {
  const sheet = aSheet();
  const gateway = await gatewayWith(sheet, {});
  const release = await lockLedger(gateway);
  const answer = await post(gateway, { ...aPerson(), _key: "once" });
  expect([answer.status, sheet.rows.size]).toEqual([202, 1]);
  const again = await post(gateway, { ...aPerson(), _key: "once" });
  expect(again.body.lead_id).toBe(answer.body.lead_id);
  await release();
  const delivery = await until(async () => {
    const record = await gateway.record(String(answer.body.lead_id)).catch(() => null);
    return record?.deliveries.find(({ state }) => state === "delivered");
  });
  expect([delivery.ref, sheet.rows.size]).toEqual(["found", 1]);
}, 30_000);

test("while the ledger cannot be written and no backup confirms, the visitor is not thanked", async () => {
  const sheet = aSheet();
  sheet.state.down = true;
  const gateway = await gatewayWith(sheet, {});
  const release = await lockLedger(gateway);
  const answer = await post(gateway, aPerson());
  expect([answer.status, answer.body.code]).toEqual([503, "ledger_unavailable"]);
  await release();
}, 30_000);

test("a destination that shows statuses is told how its leads fared elsewhere, again after a failure", async () => {
  const [sheet, sandbox] = [aSheet(), await aSandbox()];
  sheet.state.syncFails = 1;
  sandbox.vendors.webhook.setFault({ type: "status", status: 400 });
  const gateway = await gatewayWith(sheet, {}, { CRM_WEBHOOK_URL: sandbox.vendors.webhook.url });
  const lead = await gateway.post(aPerson());
  const latest = () => sheet.told.flat().findLast((record) => record.lead.id === lead)?.deliveries[0];
  const dead = await until(() => (latest()?.state === "dead" ? latest() : null));
  expect(dead).toMatchObject({
    destination: "webhook",
    attempts: 1,
    reason: { code: "rejected" },
    nextAttemptAt: null,
  });
  sandbox.vendors.webhook.setFault(null);
  await gateway.gateway.ledger.replay({ state: "dead" }, { now: Date.now(), actor: { type: "command", name: "test" } });
  await until(() => latest()?.state === "delivered");
}, 30_000);

test("a person gets only one in a time from a destination that says so; further ones are cancelled with a reason", async () => {
  let sent = 0;
  const greeting = defineDestination({
    kind: "greeting",
    label: "Greeting",
    options: z.object({}),
    basis: "contract",
    oncePerPersonMs: () => 3_600_000,
    async deliver(): Promise<Outcome> {
      sent += 1;
      return { type: "delivered" };
    },
  });
  const gateway = await aGateway({ config: { destinations: { greeting: greeting({}) } } });
  open.push(() => gateway.close());
  const first = await gateway.post({ email: "twice@example.com" });
  await gateway.delivery(first, "greeting", "delivered");
  const second = await gateway.post({ email: "Twice@example.com" });
  const cancelled = await gateway.delivery(second, "greeting", "cancelled");
  expect([cancelled.reason?.code, sent]).toEqual(["once_per_person", 1]);
});

test("a destination may take leads without consent if nothing personal leaves", async () => {
  const sheet = aSheet();
  const gateway = await gatewayWith(sheet, { basis: "consent", withoutConsent: "redact" });
  const lead = await gateway.post({
    email: "quiet@example.com",
    phone: "+442079460018",
    page_url: "https://example.com/a?utm_source=x",
  });
  const delivery = await gateway.delivery(lead, "sheet", "delivered");
  expect(delivery.history[0]?.basis).toBe("nothing-personal");
  expect(sheet.rows.get(lead)).toMatchObject({ id: lead, form: "contact", email: null, phone: null, formData: {} });
  expect(JSON.stringify(sheet.rows.get(lead))).not.toMatch(/quiet@|2079460018|utm_source/);
});

async function post(gateway: TestGateway, fields: object): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await fetch(`${gateway.url}/f/contact`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(fields),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

/** Another process takes the ledger's write lock, and holds it until released. */
async function lockLedger({ gateway }: TestGateway): Promise<() => Promise<void>> {
  const path = join(gateway.options.dataFolder, "ledger.db");
  const code = `const { DatabaseSync } = require("node:sqlite");
    new DatabaseSync(${JSON.stringify(path)}, { timeout: 10_000 }).exec("BEGIN IMMEDIATE"); console.log("locked"); setInterval(() => {}, 1e6);`;
  const child = spawn(process.execPath, ["-e", code], { stdio: ["ignore", "pipe", "ignore"] });
  await once(child.stdout, "data");
  return async () => {
    const exited = once(child, "exit");
    child.kill();
    await exited;
  };
}
