import { afterEach, beforeEach, expect, test } from "vitest";
import { leadIdAt } from "../../src/model/id.ts";
import { aPerson } from "../support/a-gateway.ts";
import { aLead, anEntry } from "../support/a-lead.ts";
import { until } from "../support/until.ts";
import { aConsole, type TestConsole } from "./support/a-console.ts";

let console: TestConsole;
beforeEach(async () => {
  console = await aConsole({
    config: {
      forms: {
        quote: {
          name: "Quote request",
          origins: ["https://example.com"],
          destinations: ["webhook"],
          consents: [{ purpose: "enquiry", field: "consent", text: "You may pass this on.", version: "3" }],
        },
        contact: {},
      },
    },
  });
});
afterEach(async () => {
  expect(console.complaints).toEqual([]);
  await console.close();
});

test("a form tells its leads, origins, destinations and the wording it asks with, and has code for every site", async () => {
  await console.gateway.post(aPerson());
  const page = await console.open("/forms");
  const quote = page.getByRole("article", { name: "Quote request" });
  await quote.getByText("https://example.com", { exact: true }).waitFor();
  await quote.getByText("You may pass this on.").waitFor();
  await quote.getByRole("link", { name: "Webhook" }).waitFor();
  const contact = page.getByRole("article", { name: "contact" });
  expect(await contact.getByRole("link", { name: "1 lead" }).getAttribute("href")).toBe("/console/leads?form=contact");

  await quote.getByRole("button", { name: "Code for your site" }).click();
  const kinds = ["HTML", "fetch", "React", "Vue", "Svelte", "Astro", "Next.js", "SvelteKit", "Nuxt", "Express"];
  for (const kind of kinds) {
    await quote.getByRole("tab", { name: kind, exact: true }).click();
    const code = quote.getByRole("region", { name: `Code of Quote request for ${kind}` });
    expect(await code.textContent()).toContain(`${console.gateway.url}/f/quote`);
  }
});

test("the code is copied as it stands", async () => {
  const page = await console.open("/forms", { permissions: ["clipboard-read", "clipboard-write"] });
  const contact = page.getByRole("article", { name: "contact" });
  await contact.getByRole("button", { name: "Code for your site" }).click();
  await contact.getByRole("button", { name: "Copy", exact: true }).click();
  await contact.getByRole("button", { name: "Copied" }).waitFor();
  const copied = await page.evaluate<string>("navigator.clipboard.readText()");
  expect(copied).toBe(await contact.getByRole("region").textContent());
});

test("without a configured form any id works: the page has its code before the first lead, and the lead makes it appear", async () => {
  const bare = await aConsole();
  const page = await bare.open("/forms");
  await page.getByRole("heading", { name: "No form has sent anything yet" }).waitFor();
  await page.getByRole("textbox", { name: "Id of the form" }).fill("callback");
  const code = await page.getByRole("region", { name: "Code of callback for HTML" }).textContent();
  expect(code).toContain(`action="${bare.gateway.url}/f/callback"`);
  await page.getByRole("tab", { name: "Astro" }).click();
  const astro = page.getByRole("region", { name: "Code of callback for Astro" });
  expect(await astro.textContent()).toContain(`${bare.gateway.url}/f/callback`);
  await bare.gateway.post(aPerson());
  await page.getByRole("article", { name: "contact" }).waitFor();
  expect(bare.complaints).toEqual([]);
  await bare.close();
});

test("the code for a new form works as it stands", async () => {
  const bare = await aConsole();
  const page = await bare.open("/forms");
  const code = await page.getByRole("region", { name: "Code of contact for HTML" }).textContent();
  const site = await page.context().newPage();
  await site.setContent(`<meta charset="utf-8">${code}`);
  await site.getByLabel("Name").fill("Ada Lovelace");
  await site.getByLabel("E-mail").fill("ada@example.com");
  await site.getByRole("checkbox", { name: /^You may pass my enquiry on/ }).check();
  await site.getByRole("button", { name: "Send" }).click();
  const { ledger } = bare.gateway.gateway;
  const lead = await until(async () => (await Array.fromAsync(ledger.listLeads({})))[0]?.lead);
  expect(lead.name).toBe("Ada Lovelace");
  expect(lead.consents).toMatchObject([
    { purpose: "enquiry", action: "granted", text: "You may pass my enquiry on to those who answer it." },
  ]);
  await bare.close();
});

/** Four weeks of a form whose leads come at noon on working days, by the clock in London. */
async function keepNoons(form: string): Promise<void> {
  const today = new Date().setUTCHours(12, 30, 0, 0);
  for (let back = 28; back > 0; back--) {
    const at = today - back * 86_400_000;
    if ([0, 6].includes(new Date(at).getUTCDay())) continue;
    for (let n = 0; n < 3; n++) {
      const lead = aLead({ id: leadIdAt(at + n), form, receivedAt: at + n });
      await console.gateway.gateway.ledger.accept(anEntry({ lead, deliveries: [] }));
    }
  }
}

test("a form shows when its leads usually come, by weekday and hour of the viewer", async () => {
  await keepNoons("quote");
  await console.gateway.post(aPerson());
  const page = await console.open("/forms", { timezoneId: "UTC" });
  const quote = page.getByRole("article", { name: "Quote request" });
  await quote.getByRole("button", { name: "When leads come" }).click();
  const table = quote.getByRole("table", { name: "When leads come" });
  await quote.getByText(/between 12:00 and 13:00/).waitFor();
  const cells = table.getByRole("row", { name: /^Wed/ }).getByRole("cell");
  const [night, noon] = await Promise.all([cells.nth(3).textContent(), cells.nth(12).textContent()]);
  expect(Number(noon)).toBeGreaterThan(10 * Number(night));
  const contact = page.getByRole("article", { name: "contact" });
  await contact.getByRole("button", { name: "When leads come" }).click();
  await contact.getByText(/^Not known yet/).waitFor();
});
