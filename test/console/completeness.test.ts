import { readFile } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { VerificationId } from "../../src/ledger/verifications.ts";
import type { LeadId } from "../../src/model/id.ts";
import { checkReport } from "../../src/watch/report.ts";
import { aPerson } from "../support/a-gateway.ts";
import { aConsole, type TestConsole } from "./support/a-console.ts";

let console: TestConsole;
let leads: string[];
beforeAll(async () => {
  console = await aConsole();
  leads = [];
  for (let i = 0; i < 3; i++) leads.push(await console.gateway.post(aPerson()));
  for (const lead of leads) {
    await console.gateway.delivery(lead, "webhook", "delivered");
    await console.gateway.delivery(lead, "zapier", "delivered");
  }
});
afterAll(() => console.close());
afterEach(() => expect(console.complaints).toEqual([]));

const run: VerificationId = "vrf_0f0c6f0e-6c0e-4c3e-9a63-2f1f3d7a91c2";

/** A look at the webhook last night that did not see one of them. */
async function findMissing(lead: string): Promise<void> {
  const { verifications } = console.gateway.gateway.ledger;
  const at = Date.now();
  await verifications.save({
    id: run,
    destination: "webhook",
    since: null,
    until: at,
    repair: false,
    state: "complete",
    by: { type: "machine", name: "nightly verification" },
    startedAt: at,
    endedAt: at,
    reached: null,
    counts: {
      expected: 3,
      leads: 3,
      accounted: 2,
      repaired: 0,
      tallies: [
        { destination: "webhook", verdict: "seen", code: null, count: 2 },
        { destination: "webhook", verdict: "missing", code: null, count: 1 },
      ],
    },
  });
  const missing = [{ leadId: lead as LeadId, attempts: 1 }];
  await verifications.note({ run, destination: "webhook", at, missing, seen: [] });
}

test("before the first look it says so; a look is begun by hand, and the overview has its line afterwards", async () => {
  const page = await console.open("/completeness");
  await page.getByRole("heading", { name: "Nothing has been read back yet" }).waitFor();
  await page.getByText("Every night at 03:00").waitFor();
  await page.getByRole("button", { name: "Read back now" }).click();
  await page.getByRole("menuitem", { name: "Everything" }).click();
  await page.getByRole("heading", { name: "3 of 3 leads accounted for" }).waitFor();
  const table = page.getByRole("table", { name: "By destination" });
  await table.getByRole("img", { name: "Webhook: 3 By receipt" }).waitFor();
  await page.getByRole("link", { name: "Overview" }).click();
  await page.getByRole("link", { name: "3 of 3 leads accounted for" }).click();
  await page.getByRole("heading", { name: "Completeness", level: 1 }).waitFor();
});

test("what is missing is told with the leads, and on the page of the lead", async () => {
  const [lead = ""] = leads;
  await findMissing(lead);
  const page = await console.open("/completeness");
  await page.getByText("1 lead missing at Webhook").waitFor();
  await page.getByRole("link", { name: "See which" }).click();
  await page.getByRole("img", { name: "Webhook: 2 Seen there, 1 Missing" }).waitFor();
  await page.getByRole("list", { name: "Leads that are missing" }).getByRole("link", { name: lead }).click();
  await page.getByText(/^Not there any more/).waitFor();
});

test("the report of a look is saved, and its signature holds", async () => {
  const page = await console.open(`/completeness/${run}`);
  await page.getByRole("button", { name: "Report" }).click();
  const saving = page.waitForEvent("download");
  await page.getByRole("menuitem", { name: "As JSON" }).click();
  const download = await saving;
  const checked = checkReport(await readFile(await download.path(), "utf8"));
  expect(download.suggestedFilename()).toMatch(/^verification-\d{4}-\d\d-\d\d\.json$/);
  expect([checked?.holds, checked?.signed.report.accounted]).toEqual([true, 2]);
  expect(checked?.signed.report.destinations[0]?.missing).toEqual([leads[0]]);
});

test("what is missing is counted, asked about, sent again and watched until it is there", async () => {
  const { received } = console.sandbox.vendors.webhook;
  const before = received.length;
  const page = await console.open("/completeness");
  await page.getByRole("button", { name: "Send what is missing at Webhook" }).click();
  const dialog = page.getByRole("dialog", { name: "Send 1 lead to Webhook again?" });
  await dialog.getByRole("button", { name: "Send 1 lead" }).click();
  const progress = page.getByRole("region", { name: "Done at Webhook" });
  await progress.getByText("1 of 1: 1 delivered").first().waitFor();
  expect(received.length).toBe(before + 1);
  await page.getByText("1 lead missing at Webhook").waitFor({ state: "detached" });
});

test("a viewer sees how it stands, and nothing to set going", async () => {
  const page = await console.openAs("viewer", "/completeness");
  await page.getByRole("table", { name: "By destination" }).waitFor();
  expect(await page.locator("main").getByRole("button").count()).toBe(0);
});

test("a look that does not exist is said to be none, in German too", async () => {
  const page = await console.open("/completeness/vrf_00000000-0000-4000-8000-000000000000", { locale: "de-DE" });
  await page.getByRole("alert").getByText("Hier gibt es nichts mehr.").waitFor();
  await page.getByRole("link", { name: "Vollständigkeit" }).first().click();
  await page.getByRole("heading", { name: "3 von 3 Leads nachgewiesen" }).waitFor();
});
