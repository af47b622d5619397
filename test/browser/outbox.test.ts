import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { aFormPage, aVisit, fillIn, said, send } from "../support/a-visit.ts";
import { openBrowser } from "../support/chromium.ts";
import { startNode } from "../support/node-process.ts";
import { tellTestsApart } from "../support/test-end.ts";
import { until } from "../support/until.ts";

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser.close());
tellTestsApart();

const notYet = "Not sent yet: saved on this device, sent when you are online again.";
const waiting = "sessionStorage.getItem('leadkeep.outbox')";

test.concurrent("a form sent while offline says so, and arrives once as soon as the browser is online again", async () => {
  const visit = await aVisit(browser);
  visit.put("/", { html: aFormPage(visit) });
  const page = await visit.open();
  await fillIn(page);
  await visit.context.setOffline(true);
  await send(page);
  await said(page, notYet);
  expect(await page.getByRole("alert").count()).toBe(1);
  expect(await page.getByLabel("Name").inputValue()).toBe("Ada Lovelace");
  expect(await visit.leads()).toEqual([]);
  await visit.context.setOffline(false);
  await said(page, "Thanks!");
  expect(await page.getByLabel("Name").inputValue()).toBe("");
  expect(await page.evaluate(waiting)).toBeNull();
  expect(await visit.leads()).toHaveLength(1);
});

test.concurrent("a gateway that is down and comes back gets the form by itself", async () => {
  const visit = await aVisit(browser);
  visit.put("/", { html: aFormPage(visit) });
  const page = await visit.open();
  await fillIn(page);
  visit.cutOff(true);
  await send(page);
  await said(page, notYet);
  visit.cutOff(false);
  await said(page, "Thanks!");
  expect(await visit.leads()).toMatchObject([{ email: "ada@example.com", timezone: "Europe/Paris" }]);
});

test.concurrent("the visitor who cannot wait sends again, and it is still one lead", async () => {
  const visit = await aVisit(browser);
  visit.put("/", { html: aFormPage(visit) });
  const page = await visit.open();
  await fillIn(page);
  visit.cutOff(true);
  await page.getByRole("button", { name: "Send" }).focus();
  await page.keyboard.press("Enter");
  await said(page, notYet);
  expect(await page.evaluate("document.activeElement.tagName")).toBe("BUTTON");
  const [kept] = JSON.parse(await page.evaluate(waiting)) as { key: string }[];
  visit.cutOff(false);
  await page.keyboard.press("Enter");
  await said(page, "Thanks!");
  expect(visit.posts.map(({ body }) => new URLSearchParams(body).get("_key"))).toContain(kept?.key);
  expect(new Set(visit.posts.map(({ body }) => new URLSearchParams(body).get("_key"))).size).toBe(1);
  expect(await visit.leads()).toHaveLength(1);
});

test.concurrent("what is corrected before it could be sent takes the place of what was sent first", async () => {
  const visit = await aVisit(browser);
  visit.put("/", { html: aFormPage(visit) });
  const page = await visit.open();
  await fillIn(page, "wrong@example.com");
  visit.cutOff(true);
  await send(page);
  await said(page, notYet);
  await page.getByLabel("E-mail").fill("right@example.com");
  await send(page);
  await until(async () => (await page.evaluate<string>(waiting)).includes("right"));
  visit.cutOff(false);
  await said(page, "Thanks!");
  expect(await visit.leads()).toMatchObject([{ email: "right@example.com" }]);
});

test.concurrent("a ledger that cannot be written (503, Retry-After) is asked again when it said, and thanked only then", async () => {
  const visit = await aVisit(browser);
  visit.put("/", { html: aFormPage(visit) });
  const page = await visit.open();
  const holder = startNode(`
    import { DatabaseSync } from "node:sqlite";
    const db = new DatabaseSync(${JSON.stringify(join(visit.gateway.gateway.options.dataFolder, "ledger.db"))}, { timeout: 10_000 });
    db.exec("BEGIN IMMEDIATE");
    console.log("held");
    process.stdin.once("data", () => { db.exec("ROLLBACK"); console.log("let go"); process.exit(0); });
  `);
  await holder.printed(1);
  await fillIn(page);
  const answered = page.waitForResponse((response) => response.status() === 503);
  await send(page);
  expect((await answered).headers()["access-control-expose-headers"]).toBe("retry-after");
  await said(page, notYet);
  holder.tell("let go");
  await holder.printed(2);
  await said(page, "Thanks!");
  expect(await visit.leads()).toHaveLength(1);
});

test.concurrent("an answer that was lost is no second lead", async () => {
  const visit = await aVisit(browser);
  visit.put("/", { html: aFormPage(visit) });
  const page = await visit.open();
  let lost = 0;
  await page.route("**/f/contact", async (route) => {
    if (++lost > 2) return route.continue();
    await route.fetch();
    await route.abort("connectionreset");
  });
  await page.route("**/leadkeep.js", (route) => route.abort("internetdisconnected"));
  await fillIn(page);
  await send(page);
  await said(page, notYet);
  expect(await visit.leads()).toHaveLength(1);
  await said(page, "Thanks!");
  expect(await visit.leads()).toHaveLength(1);
});

test.concurrent("after a reload what was typed is still sent, and the form tells so", async () => {
  const visit = await aVisit(browser);
  visit.put("/", { html: aFormPage(visit) });
  const page = await visit.open("/?utm_source=news");
  await fillIn(page);
  visit.cutOff(true);
  await send(page);
  await said(page, notYet);
  // The script comes from the browser's cache.
  await page.reload();
  await said(page, notYet);
  visit.cutOff(false);
  await said(page, "Thanks!");
  expect(await visit.leads()).toMatchObject([
    { email: "ada@example.com", attribution: { url: `${visit.siteUrl}/?utm_source=news` } },
  ]);
});

test.concurrent("going on to another page and back neither loses it nor sends it twice", async () => {
  const visit = await aVisit(browser);
  visit.put("/", { html: aFormPage(visit) });
  visit.put("/next", { html: "<title>Next</title>" });
  const page = await visit.open();
  await fillIn(page);
  visit.cutOff(true);
  await send(page);
  await said(page, notYet);
  await page.getByRole("link", { name: "Next" }).click();
  await page.waitForURL("**/next");
  visit.cutOff(false);
  await page.goBack();
  await said(page, "Thanks!");
  expect(await visit.leads()).toHaveLength(1);
});

test.concurrent("the back button after thanks brings an empty form, ready for another enquiry", async () => {
  const visit = await aVisit(browser);
  visit.put("/", { html: aFormPage(visit, { form: 'data-thanks="/danke"' }) });
  visit.put("/danke", { html: "<title>Danke</title>" });
  const page = await visit.open();
  await fillIn(page);
  await send(page);
  await page.waitForURL("**/danke");
  await page.goBack();
  await page.getByRole("button", { name: "Send", disabled: false }).waitFor();
  expect(await page.getByLabel("E-mail").inputValue()).toBe("");
  await fillIn(page, "grace@example.com");
  await send(page);
  await page.waitForURL("**/danke");
  expect(await visit.leads()).toHaveLength(2);
});

test.concurrent("two tabs send a lead each, and a duplicated tab sends none twice", async () => {
  const visit = await aVisit(browser);
  visit.put("/", { html: aFormPage(visit) });
  const [first, second] = [await visit.open(), await visit.open()];
  visit.cutOff(true);
  await fillIn(first, "one@example.com");
  await fillIn(second, "two@example.com");
  for (const page of [first, second]) {
    await send(page);
    await said(page, notYet);
  }
  // A tab opened by another starts with a copy of its sessionStorage.
  const [third] = await Promise.all([visit.context.waitForEvent("page"), first.evaluate("open(location.href), 0")]);
  await said(third, notYet);
  visit.cutOff(false);
  for (const page of [first, second, third]) await said(page, "Thanks!");
  expect((await visit.leads()).map(({ email }) => email).sort()).toEqual(["one@example.com", "two@example.com"]);
});

test.each([
  ["closed", (page: { close(options: object): Promise<void> }) => page.close({ runBeforeUnload: true })],
  ["left for another site", (page: { goto(url: string): Promise<unknown> }) => page.goto("about:blank")],
])("a tab that is %s sends what waits by beacon, and it arrives once", async (_, leave) => {
  const visit = await aVisit(browser);
  visit.put("/", { html: aFormPage(visit) });
  const page = await visit.open();
  await fillIn(page);
  visit.cutOff(true);
  await send(page);
  await said(page, notYet);
  await page.evaluate("window.fetch = () => Promise.reject(new TypeError('gone'))");
  visit.cutOff(false);
  await leave(page);
  await visit.leadsAt(1);
  // Beacons are told by their mode.
  expect(new Set(visit.posts.map(({ headers }) => headers["sec-fetch-mode"]))).toEqual(new Set(["no-cors"]));
  expect(await visit.leads()).toMatchObject([{ email: "ada@example.com", timezone: "Europe/Paris" }]);
});

test.concurrent("what a beacon has brought is taken out on return, as the same lead", async () => {
  const visit = await aVisit(browser);
  visit.put("/", { html: aFormPage(visit) });
  visit.put("/next", { html: "<title>Next</title>" });
  const page = await visit.open();
  await fillIn(page);
  visit.cutOff(true);
  await send(page);
  await said(page, notYet);
  visit.cutOff(false);
  await page.goto(`${visit.siteUrl}/next`);
  await visit.leadsAt(1);
  await page.goto(`${visit.siteUrl}/`);
  await until(async () => (await page.evaluate(waiting)) === null);
  expect(await visit.leads()).toHaveLength(1);
});

test.concurrent("where the browser forbids storage a form is sent all the same, also after a failure", async () => {
  const visit = await aVisit(browser);
  visit.put("/", { html: aFormPage(visit) });
  await visit.context.addInitScript(`Object.defineProperty(window, "sessionStorage", {
    get() { throw new DOMException("forbidden", "SecurityError"); } })`);
  const page = await visit.open();
  await fillIn(page);
  visit.cutOff(true);
  await send(page);
  await said(page, notYet);
  visit.cutOff(false);
  await said(page, "Thanks!");
  expect(await visit.leads()).toHaveLength(1);
});
