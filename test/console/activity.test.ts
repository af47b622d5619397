import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { aPerson } from "../support/a-gateway.ts";
import { aConsole, type TestConsole } from "./support/a-console.ts";

let console: TestConsole;
beforeAll(async () => {
  console = await aConsole();
});
afterAll(() => console.close());
afterEach(() => expect(console.complaints).toEqual([]));

test("what a person does is told in words, at once, with the way to the lead", async () => {
  console.sandbox.vendors.webhook.setFault({ type: "status", status: 422, times: 2 });
  const lead = await console.gateway.post(aPerson());
  const { id } = await console.gateway.delivery(lead, "webhook", "dead");
  const page = await console.open("/activity");
  await page.getByText("Signed in").first().waitFor();
  const { ledger } = console.gateway.gateway;
  const actor = { type: "console", name: "grace@example.com" } as const;
  await ledger.replay({ ids: [id] }, { now: Date.now(), actor });
  const row = page.getByRole("row", { name: /Sent 1 delivery to Webhook again/ });
  await row.waitFor();
  expect(await row.textContent()).toContain("grace@example.com");
  await row.getByRole("link", { name: "Open the lead" }).click();
  await page.waitForURL(`**/console/leads/${lead}`);
});

test("the record speaks German too", async () => {
  const page = await console.open("/activity", { locale: "de-DE" });
  await page.getByText("Angemeldet").first().waitFor();
  await page.getByText("1 Zustellung noch einmal an Webhook gesendet").waitFor();
});

test("many acts are shown page by page, sent again together as one", async () => {
  const { ledger } = console.gateway.gateway;
  const actor = { type: "command", name: "leadkeep" } as const;
  for (let n = 0; n < 130; n++) {
    await ledger.recordAct({ at: Date.now(), actor, act: n % 2 ? "pause" : "resume", subject: "webhook" });
  }
  const page = await console.open("/activity");
  await page.getByText("Paused Webhook").first().waitFor();
  expect(await page.getByRole("row").count()).toBe(101);
  await page.getByRole("button", { name: "Show older" }).click();
  await page.getByText("That is all.").waitFor();
  expect(await page.getByText("Paused Webhook").count()).toBe(65);
  expect(await page.getByText("Command line").count()).toBe(130);
});
