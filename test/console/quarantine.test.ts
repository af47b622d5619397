import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { newLeadId } from "../../src/model/id.ts";
import { aConsent, aLead } from "../support/a-lead.ts";
import { aConsole, type TestConsole } from "./support/a-console.ts";

let console: TestConsole;
beforeAll(async () => {
  console = await aConsole();
});
afterAll(() => console.close());
afterEach(() => expect(console.complaints).toEqual([]));

/** A lead held back as suspected spam, with a delivery to the webhook. */
async function hold(name: string, message = "Buy now"): Promise<string> {
  const now = Date.now();
  const formData = { name, email: "spam@example.com", message };
  const lead = aLead({
    id: newLeadId(now),
    receivedAt: now,
    state: "quarantined",
    name,
    message,
    formData,
    consents: [aConsent()],
  });
  const reason = { code: "quarantined", message: "the lead is held back as suspected spam" };
  const delivery = { destination: "webhook", kind: "webhook", purpose: "enquiry", state: "withheld", reason } as const;
  await console.gateway.gateway.ledger.accept({ lead, deliveries: [delivery], key: null });
  return lead.id;
}

const list = (page: Page) => page.getByRole("list", { name: "Leads in quarantine, newest first" });
const counts = () => console.gateway.gateway.ledger.leadCounts();

test("nothing held back: the page says what quarantine is", async () => {
  const page = await console.open("/quarantine");
  await page.getByRole("heading", { name: "Nothing is held back" }).waitFor();
});

test("a lead released from quarantine arrives as if it had just come", async () => {
  const lead = await hold("Grace Hopper", "I would like a quote, please");
  const page = await console.open("/quarantine");
  await list(page).getByText("It is suspected to be spam.").waitFor();
  await page.getByRole("button", { name: "Details of Grace Hopper" }).click();
  await list(page).getByText("spam@example.com", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Release Grace Hopper" }).click();
  await console.gateway.delivery(lead, "webhook", "delivered");
  await page.getByRole("heading", { name: "Nothing is held back" }).waitFor();
});

test("one lead is deleted after a question", async () => {
  await hold("Seo Seller");
  const page = await console.open("/quarantine");
  await page.getByRole("button", { name: "Delete Seo Seller" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete it for good" }).click();
  await page.getByText("1 lead deleted").waitFor();
  expect((await counts()).quarantined).toBe(0);
});

test("several are deleted only after their number has been typed", async () => {
  await hold("First Seller");
  await hold("Second Seller");
  await hold("Real Person");
  const page = await console.open("/quarantine");
  await page.getByRole("checkbox", { name: "Select First Seller" }).check();
  await page.getByRole("checkbox", { name: "Select Second Seller" }).check();
  await page.getByRole("button", { name: "Delete 2" }).click();
  const dialog = page.getByRole("dialog", { name: "Delete 2 leads?" });
  const act = dialog.getByRole("button", { name: "Delete 2 for good" });
  expect(await act.isDisabled()).toBe(true);
  await dialog.getByRole("textbox").fill("2");
  await act.click();
  await page.getByText("2 leads deleted").waitFor();
  expect(await list(page).getByRole("link").allTextContents()).toEqual(["Real Person"]);
});

test("by keyboard: j moves, x selects, r releases what is selected", async () => {
  await hold("Another Person");
  const page = await console.open("/quarantine");
  await list(page).getByRole("link", { name: "Another Person" }).waitFor();
  for (const key of ["j", "x", "j", "x"]) await page.keyboard.press(key);
  await page.getByText("2 selected").waitFor();
  await page.keyboard.press("r");
  await page.getByRole("dialog").getByRole("button", { name: "Release 2" }).click();
  await page.getByRole("heading", { name: "Nothing is held back" }).waitFor();
  expect((await counts()).quarantined).toBe(0);
});

test("what a spammer typed is text", async () => {
  await hold("<img src=x onerror=alert(1)>", "<script>alert(1)</script>");
  const page = await console.open("/quarantine");
  await page.getByRole("link", { name: "<img src=x onerror=alert(1)>" }).waitFor();
  expect(await list(page).textContent()).toContain("<script>alert(1)</script>");
  expect(await page.locator("main img").count()).toBe(0);
});

test("a viewer sees masked leads and cannot judge them", async () => {
  await hold("Katherine Johnson");
  const page = await console.openAs("viewer", "/quarantine");
  await page.getByRole("link", { name: "K… J…" }).waitFor();
  expect(await list(page).textContent()).not.toContain("Johnson");
  expect(await page.getByRole("checkbox").count()).toBe(0);
  expect(await page.getByRole("button", { name: /^(Release|Delete)/ }).count()).toBe(0);
});
