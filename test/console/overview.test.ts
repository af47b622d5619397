import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { aPerson } from "../support/a-gateway.ts";
import { aConsole, type TestConsole } from "./support/a-console.ts";

let console: TestConsole;
beforeAll(async () => {
  console = await aConsole();
});
afterAll(() => console.close());
afterEach(() => expect(console.complaints).toEqual([]));

const allWell = "All is well: every lead has arrived, or is on its way.";

test("before the first lead, the overview says what to do", async () => {
  const page = await console.open("/");
  await page.getByRole("heading", { name: "Ready for the first lead" }).waitFor();
});

test("when nothing is wrong, one line says so", async () => {
  const lead = await console.gateway.post(aPerson());
  await console.gateway.delivery(lead, "webhook", "delivered");
  const page = await console.open("/");
  await page.getByText(allWell).waitFor();
  await page.getByRole("link", { name: /^Leads 1/ }).waitFor();
});

test("a vendor that refuses us is told with its cure; once it is mended and resumed, all is well again", async () => {
  const page = await console.open("/");
  await page.getByText(allWell).waitFor();
  console.sandbox.vendors.webhook.setFault({ type: "status", status: 401 });
  const lead = await console.gateway.post(aPerson());
  await page.getByText("Webhook is paused").waitFor();
  await page.getByText("Its credentials are not accepted.").waitFor();
  console.sandbox.vendors.webhook.setFault(null);
  await page.getByRole("button", { name: "Resume Webhook" }).click();
  await page.getByText(allWell).waitFor();
  await console.gateway.delivery(lead, "webhook", "delivered");
});

test("dead letters are told, and sent again from the overview", async () => {
  console.sandbox.vendors.zapier.setFault({ type: "status", status: 422, times: 1 });
  const lead = await console.gateway.post(aPerson());
  await console.gateway.delivery(lead, "zapier", "dead");
  const page = await console.open("/");
  await page.getByText(/1 lead has not reached Zapier/).waitFor();
  await page.getByRole("button", { name: "Send again" }).click();
  const dialog = page.getByRole("dialog", { name: "Send to Zapier again?" });
  await dialog.getByRole("button", { name: "Send again" }).click();
  await page.getByText(allWell).waitFor();
  await console.gateway.delivery(lead, "zapier", "delivered");
});

test("the numbers lead to the leads they count", async () => {
  await console.gateway.post(aPerson({ page_url: "https://example.com/?utm_source=fair" }));
  const page = await console.open("/");
  await page.getByText("Source", { exact: true }).click();
  await page.getByRole("region", { name: "Leads over time" }).getByRole("link", { name: "fair" }).click();
  await page.getByText("That is all: 1 lead.").waitFor();
  expect(new URL(page.url()).searchParams.get("source")).toBe("fair");
});

test("a bar of the chart leads to its day", async () => {
  const page = await console.open("/");
  await page.locator(".recharts-bar-rectangle").last().click();
  await page.getByRole("heading", { name: "Leads", level: 1 }).waitFor();
  const parameters = new URL(page.url()).searchParams;
  expect([parameters.get("form"), parameters.get("since")]).toEqual(["contact", parameters.get("until")]);
});
