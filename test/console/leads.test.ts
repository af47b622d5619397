import type { Page } from "playwright-core";
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

const list = (page: Page) => page.getByRole("list", { name: "Leads, newest first" });

test("an empty list teaches where leads come from", async () => {
  const page = await console.open("/leads");
  await page.getByRole("heading", { name: "No leads yet" }).waitFor();
  expect(await page.getByRole("link", { name: "To the forms" }).getAttribute("href")).toBe("/console/forms");
});

test("a lead that arrives is announced, and shown when the viewer says so", async () => {
  await console.gateway.post(aPerson({ name: "First Person" }));
  const page = await console.open("/leads");
  await page.getByRole("link", { name: "First Person" }).waitFor();
  await console.gateway.post(aPerson({ name: "Second Person", message: "Please call me" }));
  await page.getByRole("button", { name: "1 new lead" }).click();
  await page.getByRole("link", { name: "Second Person" }).waitFor();
  expect(await list(page).getByRole("link").allTextContents()).toEqual(["Second Person", "First Person"]);
  expect(await list(page).textContent()).toContain("Please call me");
});

test("the state of what is shown follows without loading again", async () => {
  console.sandbox.vendors.webhook.setFault({ type: "status", status: 422, times: 1 });
  const lead = await console.gateway.post(aPerson({ name: "Refused Person" }));
  const { id } = await console.gateway.delivery(lead, "webhook", "dead");
  const page = await console.open("/leads?q=Refused+Person");
  await page.getByText("1 dead letter").waitFor();
  const { ledger } = console.gateway.gateway;
  await ledger.replay({ ids: [id] }, { now: Date.now(), actor: { type: "command", name: "test" } });
  await page.getByText("2 delivered").waitFor();
});

test("what is searched for stands in the address, and is found again from it", async () => {
  await console.gateway.post(aPerson({ name: "Rare Bird", message: "an albatross on the roof" }));
  const page = await console.open("/leads");
  await page.getByRole("searchbox", { name: "Search all fields" }).fill("albatross");
  await page.getByText("That is all: 1 lead.").waitFor();
  expect(new URL(page.url()).search).toBe("?q=albatross");
  await page.reload();
  await page.getByText("That is all: 1 lead.").waitFor();
  expect(await list(page).getByRole("link").allTextContents()).toEqual(["Rare Bird"]);
});

test("a filter can be set, is seen, and is taken away", async () => {
  const page = await console.open("/leads");
  await page.getByRole("button", { name: "Filters" }).click();
  await page.getByRole("combobox", { name: "Work" }).click();
  await page.getByRole("option", { name: "Done" }).click();
  await page.getByRole("heading", { name: "No lead matches" }).waitFor();
  await page.getByRole("button", { name: "Remove the filter Work" }).click();
  await list(page).getByRole("link").first().waitFor();
  expect(new URL(page.url()).search).toBe("");
});

test("j and k go through the list, Enter opens, and ? tells the keys", async () => {
  const page = await console.open("/leads");
  const names = list(page).getByRole("link");
  await names.first().waitFor();
  const [, second = ""] = await names.allTextContents();
  // Both before the next frame, as somebody in a hurry does.
  await page.evaluate(`for (const key of ["j", "j"])
    document.body.dispatchEvent(new KeyboardEvent("keydown", { key, code: "KeyJ", bubbles: true }))`);
  await until(async () => (await page.evaluate("document.activeElement.textContent")) === second);
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keys" }).waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await names.nth(1).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: second, level: 1 }).waitFor();
});

test("from a lead one comes back to the same filtered list", async () => {
  await console.gateway.post(aPerson({ name: "Come Back", message: "kittiwake" }));
  const page = await console.open("/leads?q=kittiwake");
  await page.getByRole("link", { name: "Come Back" }).click();
  await page.getByRole("link", { name: "All leads" }).click();
  await page.getByText("That is all: 1 lead.").waitFor();
  expect(new URL(page.url()).search).toBe("?q=kittiwake");
});

test("a lead is set to done from the list, and set back by Undo", async () => {
  const lead = await console.gateway.post(aPerson({ name: "Quick Work" }));
  const page = await console.open("/leads?q=Quick+Work");
  const stage = async () => (await console.gateway.record(lead)).work.stage;
  await page.getByRole("button", { name: "Work on Quick Work: New" }).click();
  await page.getByRole("menuitemradio", { name: "Done" }).click();
  await until(async () => (await stage()) === "done");
  await page.getByRole("button", { name: "Undo" }).click();
  await until(async () => (await stage()) === "new");
  await page.getByRole("button", { name: "Work on Quick Work: New" }).waitFor();
});

test("the export holds what the filters show", async () => {
  await console.gateway.post(aPerson({ name: "=cmd()|Exported", message: "pelican" }));
  const page = await console.open("/leads?q=pelican");
  await page.getByRole("button", { name: "Export", exact: true }).click();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("menuitem", { name: /^CSV/ }).click(),
  ]);
  const chunks: Buffer[] = [];
  for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer);
  const rows = Buffer.concat(chunks).toString().trim().split("\n");
  expect(rows).toHaveLength(2);
  expect(rows[1]).toContain("'=cmd()|Exported");
});

test("a hundred and more are there as one scrolls, each once, also when leads arrive meanwhile", async () => {
  const names = Array.from({ length: 120 }, (_, n) => `Scrolled ${n}`);
  for (const name of names) await console.gateway.post(aPerson({ name, message: "cormorant" }));
  const page = await console.open("/leads?q=cormorant");
  const seen = new Set<string>();
  await list(page).getByRole("link").first().waitFor();
  await console.gateway.post(aPerson({ name: "Late", message: "cormorant" }));
  await until(async () => {
    for (const name of await list(page).getByRole("link").allTextContents()) seen.add(name);
    await page.mouse.wheel(0, 500);
    return seen.size >= names.length;
  });
  expect([...seen].sort()).toEqual(names.sort());
  await page.getByText("That is all: 120 leads.").waitFor();
});

test("a viewer sees masked people, and neither search nor export", async () => {
  await console.gateway.post(aPerson({ name: "Hidden Person" }));
  const page = await console.openAs("viewer", "/leads");
  await page.getByRole("link", { name: "H… P…" }).waitFor();
  expect(await page.getByRole("searchbox").count()).toBe(0);
  expect(await page.getByRole("button", { name: "Export" }).count()).toBe(0);
  expect(await page.getByText("Hidden").count()).toBe(0);
});
