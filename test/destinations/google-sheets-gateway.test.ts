import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { googleSheets } from "../../src/index.ts";
import { openSqliteLedger } from "../../src/ledger/sqlite/sqlite-ledger.ts";
import type { DeliveryEvent } from "../../src/model/delivery.ts";
import type { DestinationSettings } from "../../src/model/destination.ts";
import { type Sandbox, serviceAccount, startSandbox } from "../../src/sandbox/index.ts";
import { aGateway, aPerson, type TestGateway, type TestGatewayOptions } from "../support/a-gateway.ts";
import { aConsent, aDelivery, aLead, anEntry } from "../support/a-lead.ts";
import { rowsByColumn } from "../support/a-sheet.ts";
import { until } from "../support/until.ts";

let sandbox: Sandbox;
let open: TestGateway[];

beforeEach(async () => {
  sandbox = await startSandbox();
  open = [];
});

afterEach(async () => {
  await Promise.all(open.map((gateway) => gateway.close()));
  await sandbox.close();
});

async function start(options: TestGatewayOptions = {}): Promise<TestGateway> {
  const gateway = await aGateway(options);
  open.push(gateway);
  return gateway;
}

/** The documented variables and no more. */
function variables(): Record<string, string> {
  const { sheets } = sandbox.vendors;
  const { email, privateKey } = serviceAccount();
  return {
    GOOGLE_SERVICE_ACCOUNT_EMAIL: email,
    GOOGLE_PRIVATE_KEY: privateKey.replaceAll("\n", "\\n"),
    GOOGLE_SHEET_ID: sheets.settings.spreadsheetId,
    GOOGLE_SHEETS_BASE_URL: sheets.url,
    GOOGLE_TOKEN_URL: `${sheets.url}/token`,
  };
}

/** The same sheet without Google's pace, so that a test need not wait for it. */
function unpaced(settings: DestinationSettings = {}) {
  const { sheets } = sandbox.vendors;
  sheets.settings.limits = false;
  const hosts = { baseUrl: sheets.url, tokenUrl: `${sheets.url}/token` };
  const pace = { limit: 100_000, intervalMs: 1_000 };
  const spreadsheet = sheets.settings.spreadsheetId;
  return { destinations: { sheets: googleSheets({ spreadsheet, ...serviceAccount(), ...hosts, pace, ...settings }) } };
}

const rows = () => rowsByColumn(sandbox.vendors.sheets.own);

test("with only the documented variables set, a lead is a row, and its status there follows", async () => {
  const gateway = await start({ variables: { ...variables(), CRM_WEBHOOK_URL: sandbox.vendors.webhook.url } });
  const lead = await gateway.post(aPerson({ message: "Call me", utm_source: "google", budget: "10000" }));
  const delivery = await gateway.delivery(lead, "sheets", "delivered");
  expect(delivery).toMatchObject({ kind: "google-sheets", ref: "Leads", attempts: 1 });
  expect(rows()).toEqual([expect.objectContaining({ lead_id: lead, message: "Call me", utm_source: "google" })]);
  await until(() => rows()[0]?.crm_synced === "yes" && rows()[0]?.status_webhook === "delivered");
});

test("without consent the row is withheld; with redact it holds id, time, form and source only", async () => {
  const quiet = { email: "quiet@example.com", name: "Ada Lovelace" };
  const withholding = await start({ config: unpaced() });
  expect((await withholding.delivery(await withholding.post(quiet), "sheets", "withheld")).attempts).toBe(0);
  const redacting = await start({ config: unpaced({ withoutConsent: "redact" }) });
  const lead = await redacting.post(quiet);
  await redacting.delivery(lead, "sheets", "delivered");
  expect(rows()).toEqual([expect.objectContaining({ lead_id: lead, email: "", name: "" })]);
  expect(JSON.stringify(sandbox.vendors.sheets.received)).not.toMatch(/quiet@|Lovelace/);
});

test.each([
  ["the answer is lost", { type: "reset", when: "after" } as const],
  ["it hangs after applying", { type: "hang", applied: true } as const],
  ["it answers 500 after applying", { type: "status", status: 500, applied: true } as const],
])("a lead is one row when %s", async (_, fault) => {
  const gateway = await start({ config: unpaced(), variables: { LEADKEEP_TIMEOUT: "300ms" } });
  await gateway.delivery(await gateway.post(aPerson()), "sheets", "delivered");
  sandbox.vendors.sheets.setFault({ ...fault, times: 1 });
  const lead = await gateway.post(aPerson());
  const delivery = await gateway.delivery(lead, "sheets", "delivered");
  expect(delivery.history.map(({ outcome }) => outcome)).toEqual(["uncertain", "delivered"]);
  expect(rows().filter((row) => row.lead_id === lead)).toHaveLength(1);
});

test("confirmed before the reply, the row is there when the visitor is thanked", async () => {
  const gateway = await start({ config: unpaced({ confirm: "before-reply" }) });
  const lead = await gateway.post(aPerson());
  expect(rows().map((row) => row.lead_id)).toEqual([lead]);
});

test("while the ledger cannot be written the sheet takes the lead, and has it once when the ledger is back", async () => {
  const gateway = await start({ config: unpaced() });
  const other = new DatabaseSync(join(gateway.gateway.options.dataFolder, "ledger.db"), { timeout: 10_000 });
  other.exec("BEGIN IMMEDIATE");
  const lead = await gateway.post(aPerson());
  expect(rows().map((row) => row.lead_id)).toEqual([lead]);
  other.exec("ROLLBACK");
  other.close();
  await until(async () => (await gateway.record(lead).catch(() => null))?.deliveries[0]?.state === "delivered");
  expect(rows().map((row) => row.lead_id)).toEqual([lead]);
}, 30_000);

test("a dead letter elsewhere is listed, and marked once its replay has arrived", async () => {
  sandbox.vendors.webhook.setFault({ type: "status", status: 400 });
  const gateway = await start({ config: unpaced(), variables: { CRM_WEBHOOK_URL: sandbox.vendors.webhook.url } });
  const lead = await gateway.post(aPerson());
  const failed = () => rowsByColumn(sandbox.vendors.sheets.own, "Failed Integrations");
  await until(() => failed().length > 0);
  expect(failed()).toEqual([
    expect.objectContaining({ type: "webhook", lead_id: lead, error: "answered 400", attempts: "1" }),
  ]);
  expect(rows()[0]?.status_webhook).toMatch(/^failed #/);
  sandbox.vendors.webhook.setFault(null);
  await gateway.gateway.ledger.replay({ state: "dead" }, { now: Date.now(), actor: { type: "command", name: "test" } });
  await until(() => failed()[0]?.next_retry === "delivered" && rows()[0]?.crm_synced === "yes");
});

test("a withdrawal shows in the row, and an erasure takes it out, each as a delivery that is tried until it has arrived", async () => {
  const gateway = await start({ config: unpaced() });
  const { ledger } = gateway.gateway;
  const lead = await gateway.post(aPerson());
  await gateway.delivery(lead, "sheets", "delivered");
  const kept = await gateway.post(aPerson());
  await gateway.delivery(kept, "sheets", "delivered");
  const { lead: own } = await gateway.record(lead);
  const actor = { type: "command", name: "test" } as const;
  const about = { destination: "sheets", kind: "google-sheets", purpose: "enquiry", reason: null };
  const ended = (event: DeliveryEvent) =>
    until(async () =>
      (await gateway.record(lead)).deliveries.find((one) => one.event === event && one.state === "delivered"),
    );
  sandbox.vendors.sheets.setFault({ type: "status", status: 503, times: 2 });
  await ledger.recordConsent(own.id, aConsent({ action: "withdrawn", at: Date.now() }), actor, {
    followUps: () => [{ ...about, event: "consent.withdrawn" }],
  });
  expect((await ended("consent.withdrawn")).attempts).toBeGreaterThan(1);
  expect(rows().map((row) => row.consent_given)).toEqual(["withdrawn", "yes"]);
  sandbox.vendors.sheets.setFault({ type: "status", status: 503, times: 2 });
  const followUps = () => [{ ...about, event: "lead.erased" } as const];
  await ledger.erase([own.id], { tombstones: [], now: Date.now(), actor, followUps });
  expect((await ended("lead.erased")).attempts).toBeGreaterThan(1);
  expect(
    rows()
      .map((row) => row.lead_id)
      .filter((id) => id !== ""),
  ).toEqual([kept]);
});

test("a sheet that is not shared pauses its lane with the cure, and delays no other destination", async () => {
  sandbox.vendors.sheets.settings.shared = false;
  const gateway = await start({ config: unpaced(), variables: { CRM_WEBHOOK_URL: sandbox.vendors.webhook.url } });
  const lead = await gateway.post(aPerson());
  await gateway.delivery(lead, "webhook", "delivered");
  const [pause] = await until(async () => {
    const pauses = await gateway.gateway.ledger.pauses();
    return pauses.length > 0 && pauses;
  });
  expect(pause).toMatchObject({ destination: "sheets", reason: { code: "not_shared" } });
  expect((await gateway.delivery(lead, "sheets", "pending")).tries).toBe(0);
});

test("10 000 leads that wait at the start are brought with at most 25 appends", async () => {
  const folder = mkdtempSync(join(tmpdir(), "leadkeep-sheets-"));
  const ledger = openSqliteLedger({ path: join(folder, "ledger.db") });
  const deliveries = [aDelivery({ destination: "sheets", kind: "google-sheets" })];
  for (let done = 0; done < 10_000; done += 1_000) {
    const entries = Array.from({ length: 1_000 }, () =>
      anEntry({ lead: aLead({ receivedAt: Date.now(), consents: [aConsent()] }), deliveries }),
    );
    await Promise.all(entries.map((entry) => ledger.accept(entry)));
  }
  await ledger.close();
  const gateway = await start({ config: unpaced(), dataFolder: folder });
  await until(async () => (await gateway.gateway.ledger.backlog()).length === 0, 60_000);
  const { received } = sandbox.vendors.sheets;
  const appends = received.filter(({ path }) => path.includes(":append")).length;
  console.log(`10 000 leads through the gateway: ${appends} appends, ${received.length} calls in all`);
  expect(new Set(rows().map((row) => row.lead_id)).size).toBe(10_000);
  expect(rows()).toHaveLength(10_000);
  expect(appends).toBeLessThanOrEqual(25);
  await gateway.close();
  open = [];
  rmSync(folder, { recursive: true, force: true });
}, 120_000);
