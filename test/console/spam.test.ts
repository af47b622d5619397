import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { aPerson } from "../support/a-gateway.ts";
import { until } from "../support/until.ts";
import { aConsole, type TestConsole } from "./support/a-console.ts";

let console: TestConsole;
beforeAll(async () => {
  console = await aConsole();
});
afterAll(() => console.close());
afterEach(() => expect(console.complaints).toEqual([]));

test("the quarantine says in words why a lead is held back, also in German", async () => {
  const lead = await console.gateway.post(aPerson({ name: "Seo Seller", reply_subject: "Great offer" }));
  const page = await console.open("/quarantine");
  await page.getByText("A field no person sees was filled in · 10 points").waitFor();
  const german = await console.open(`/leads/${lead}`, { locale: "de-DE" });
  await german.getByText("Ein Feld, das niemand sieht, war ausgefüllt · 10 Punkte").waitFor();
});

test("a release can be taken back, and what has left meanwhile is removed where it arrived", async () => {
  const lead = await console.gateway.post(aPerson({ name: "Grace Hopper", reply_subject: "Great offer" }));
  const page = await console.open("/quarantine");
  await page.getByRole("button", { name: "Release Grace Hopper" }).click();
  await console.gateway.delivery(lead, "webhook", "delivered");
  await page.getByRole("button", { name: "Undo" }).click();
  await until(async () => (await console.gateway.record(lead)).lead.state === "quarantined");
  const { received } = console.sandbox.vendors.webhook;
  await until(() => received.some(({ json }) => (json as { event_type: string }).event_type === "lead.erased"));
  await page.getByRole("link", { name: "Grace Hopper" }).waitFor();
});

test("an active lead is held back as spam, and stays where it is unless asked", async () => {
  const lead = await console.gateway.post(aPerson({ name: "Ada Lovelace" }));
  await console.gateway.delivery(lead, "webhook", "delivered");
  const page = await console.open(`/leads/${lead}`);
  await page.getByRole("button", { name: "More" }).click();
  await page.getByRole("menuitem", { name: "This is spam…" }).click();
  const dialog = page.getByRole("dialog", { name: "Hold this lead back as spam?" });
  expect(await dialog.getByRole("checkbox").isChecked()).toBe(false);
  await dialog.getByRole("button", { name: "Hold back" }).click();
  await page.getByText("A person said it is spam").waitFor();
  const { lead: held, deliveries } = await console.gateway.record(lead);
  expect(held.state).toBe("quarantined");
  expect(deliveries.map(({ event }) => event)).not.toContain("lead.erased");
});
