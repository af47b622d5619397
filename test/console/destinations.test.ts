import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type LeadId, newLeadId } from "../../src/model/id.ts";
import { aPerson } from "../support/a-gateway.ts";
import { aConsent, aLead } from "../support/a-lead.ts";
import { aConsole, type TestConsole } from "./support/a-console.ts";

let console: TestConsole;
beforeAll(async () => {
  console = await aConsole({ variables: { LEADKEEP_SCHEDULE: "50ms,50ms,200ms,1m" } });
});
afterAll(() => console.close());
afterEach(() => {
  for (const vendor of Object.values(console.sandbox.vendors)) vendor.setFault(null);
  expect(console.complaints).toEqual([]);
});

/** Leads kept before the webhook was configured. */
async function keepUnplanned(count: number, overrides: Parameters<typeof aLead>[0] = {}): Promise<void> {
  const { ledger } = console.gateway.gateway;
  await Promise.all(
    Array.from({ length: count }, () => {
      const now = Date.now();
      const lead = aLead({ id: newLeadId(now), receivedAt: now, consents: [aConsent()], ...overrides });
      return ledger.accept({ lead, deliveries: [], key: null });
    }),
  );
}

test("a hook that is gone is told with its cure; mended and resumed, what waited arrives and it is green", async () => {
  console.sandbox.vendors.zapier.setFault({ type: "status", status: 410 });
  const lead = await console.gateway.post(aPerson());
  const page = await console.open("/destinations");
  const card = page.getByRole("article", { name: "Zapier" });
  await card.getByText("Paused by the gateway: answered 410").waitFor();
  await card.getByText("The address is gone there.").waitFor();
  console.sandbox.vendors.zapier.setFault(null);
  await card.getByRole("button", { name: "Resume Zapier" }).click();
  await console.gateway.delivery(lead, "zapier", "delivered");
  await card.getByText("Working", { exact: true }).waitFor();
});

test("a pause holds leads back, and can be taken back at once", async () => {
  const page = await console.open("/destinations/webhook");
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByText("Paused by a person").waitFor();
  const lead = await console.gateway.post(aPerson());
  await console.gateway.delivery(lead, "zapier", "delivered");
  expect((await console.gateway.delivery(lead, "webhook", "pending", "delivered")).state).toBe("pending");
  await page.getByRole("button", { name: "Undo" }).click();
  await console.gateway.delivery(lead, "webhook", "delivered");
  await page.getByText("Paused by a person").waitFor({ state: "detached" });
});

test("a test lead is marked, goes to the one destination, and is seen to arrive", async () => {
  const { webhook, zapier } = console.sandbox.vendors;
  const before = zapier.received.length;
  const page = await console.open("/destinations/webhook");
  await page.getByRole("button", { name: "Send a test lead" }).click();
  const dialog = page.getByRole("dialog", { name: "Send Webhook a test lead" });
  await dialog.getByRole("button", { name: "Send it" }).click();
  await dialog.getByText("It has arrived").waitFor();
  expect(JSON.stringify(webhook.received.at(-1)?.json)).toContain("leadkeep_test");
  expect(zapier.received.length).toBe(before);
  await dialog.getByRole("link", { name: "Open the lead" }).click();
  await page.getByRole("heading", { name: "Leadkeep test", level: 1 }).waitFor();
});

test("a test lead that is refused says why", async () => {
  console.sandbox.vendors.webhook.setFault({ type: "status", status: 422 });
  const page = await console.open("/destinations/webhook");
  await page.getByRole("button", { name: "Send a test lead" }).click();
  await page.getByRole("button", { name: "Send it" }).click();
  await page.getByText("It has not arrived").waitFor();
  await page.getByRole("dialog").getByText("answered 422").waitFor();
});

test("what a destination lacks is counted first, by form too, then sent and watched until it is there", async () => {
  await keepUnplanned(20, { form: "quote" });
  await keepUnplanned(5);
  const page = await console.open("/destinations/webhook");
  await page.getByRole("button", { name: "Send what it lacks" }).click();
  const dialog = page.getByRole("dialog", { name: "Send Webhook what it lacks" });
  await dialog.getByText(/^2[5-9] leads are missing there$/).waitFor();
  await dialog.getByRole("combobox", { name: "Form" }).click();
  await page.getByRole("option", { name: "quote" }).click();
  await dialog.getByText("20 leads are missing there").waitFor();
  const before = console.sandbox.vendors.webhook.received.length;
  await dialog.getByRole("button", { name: "Send 20 leads" }).click();
  const progress = page.getByRole("region", { name: "Done at Webhook" });
  await progress.waitFor();
  await progress.getByText("20 of 20: 20 delivered").first().waitFor();
  expect(console.sandbox.vendors.webhook.received.length).toBe(before + 20);
  await progress.getByRole("button", { name: "Close" }).click();
  await progress.waitFor({ state: "detached" });
});

test("for one reason alone, such as what has vanished there, it is counted and sent too", async () => {
  const lead = await console.gateway.post(aPerson());
  await console.gateway.delivery(lead, "webhook", "delivered");
  const missing = [{ leadId: lead as LeadId, attempts: 1 }];
  const found = { run: "vrf_0f0c6f0e-6c0e-4c3e-9a63-2f1f3d7a91c2", destination: "webhook", at: Date.now() } as const;
  await console.gateway.gateway.ledger.verifications.note({ ...found, missing, seen: [] });
  const page = await console.open("/destinations/webhook");
  await page.getByRole("button", { name: "Send what it lacks" }).click();
  const dialog = page.getByRole("dialog", { name: "Send Webhook what it lacks" });
  await dialog.getByRole("combobox", { name: "Lacking because" }).click();
  await page.getByRole("option", { name: "Not there any more" }).click();
  await dialog.getByRole("button", { name: "Send 1 lead" }).click();
  await page.getByText("1 of 1: 1 delivered").first().waitFor();
});

test("a check tells what it found", async () => {
  const page = await console.open("/destinations/webhook");
  await page.getByRole("button", { name: "Check" }).click();
  await page.getByRole("region", { name: "Check" }).getByText("can only be tried by sending it a lead").waitFor();
});

test("the page says which variables to change, and offers nothing secret to edit", async () => {
  const page = await console.open("/destinations/webhook");
  await page.getByRole("region", { name: "How it is set up" }).getByText("CRM_WEBHOOK_URL").waitFor();
  expect(await page.locator("main input").count()).toBe(0);
  expect(await page.locator("main").textContent()).not.toContain(console.sandbox.vendors.webhook.url);
});

test("the page says what is left of a destination's pace", async () => {
  const paced = await aConsole({
    variables: { HUBSPOT_ACCESS_TOKEN: "token", HUBSPOT_BASE_URL: "http://127.0.0.1:9" },
  });
  const page = await paced.open("/destinations/hubspot");
  const settings = page.getByRole("region", { name: "How it is set up" });
  await settings.getByText(/^at most \d+ requests in 10s · \d+ of them may go right now$/).waitFor();
  await paced.close();
});

test("a viewer sees how it stands, and no button", async () => {
  const page = await console.openAs("viewer", "/destinations/webhook");
  await page.getByRole("heading", { name: "Webhook", level: 1 }).waitFor();
  expect(await page.locator("main").getByRole("button").allTextContents()).toEqual([]);
});

test("a destination that does not exist is said to be none", async () => {
  const page = await console.open("/destinations/no-such");
  await page.getByRole("alert").getByText("There is nothing here any more.").waitFor();
});
