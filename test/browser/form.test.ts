import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { aForm, aFormPage, aVisit, fillIn, said, send } from "../support/a-visit.ts";
import { openBrowser } from "../support/chromium.ts";

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser.close());

test("a form on another origin than the gateway is sent, its key, page and time zone with it, and thanked in place", async () => {
  const visit = await aVisit(browser);
  visit.put("/", { html: aFormPage(visit) });
  const page = await visit.open("/?utm_source=news&gclid=AbC-_x");
  await fillIn(page);
  await send(page);
  await said(page, "Thanks!");
  expect(page.url()).toContain(visit.siteUrl);
  expect(await page.getByRole("status").textContent()).toBe("Thanks!");
  expect(await page.getByLabel("Name").inputValue()).toBe("");
  const [lead] = await visit.leads();
  expect(lead).toMatchObject({
    email: "ada@example.com",
    message: "Two engines,\r\nplease",
    timezone: "Europe/Paris",
    formData: { consent: "on", via: "main" },
    attribution: {
      from: "script",
      url: `${visit.siteUrl}/?utm_source=news&gclid=AbC-_x`,
      parameters: { utm_source: "news", gclid: "AbC-_x" },
      pageName: "Contact us",
    },
  });
  // One request: no preflight, which a proxy could refuse.
  expect(visit.posts).toHaveLength(1);
  expect(visit.posts[0]?.headers.accept).toBe("application/json");
});

test("the page named by data-thanks follows, and without one the gateway's own redirect, as one lead", async () => {
  const visit = await aVisit(browser);
  visit.put("/", { html: aFormPage(visit, { form: 'data-thanks="/danke"' }) });
  visit.put("/plain", { html: aFormPage(visit, { form: "" }) });
  visit.put("/danke", { html: "<title>Danke</title>" });
  const page = await visit.open();
  await fillIn(page);
  await send(page);
  await page.waitForURL(`${visit.siteUrl}/danke`);
  expect(await visit.leads()).toHaveLength(1);

  await page.goto(`${visit.siteUrl}/plain`);
  await fillIn(page);
  await send(page);
  await page.waitForURL(`${visit.leadsUrl}/f/contact/thanks`);
  expect(await visit.leads()).toHaveLength(2);
});

test("a site is told of the lead by an event", async () => {
  const visit = await aVisit(browser);
  visit.put("/", { html: aFormPage(visit) });
  const page = await visit.open();
  await page.evaluate(`addEventListener("leadkeep:accepted", ({ detail }) => { told = detail.lead_id; })`);
  await fillIn(page);
  await send(page);
  await said(page, "Thanks!");
  expect(await page.evaluate("told")).toBe((await visit.leads())[0]?.id);
});

test("a double click is one lead, and the button is off while the form is on its way", async () => {
  const visit = await aVisit(browser);
  visit.put("/", { html: aFormPage(visit) });
  const page = await visit.open();
  await fillIn(page);
  await page.evaluate(`new MutationObserver(() => { off = true; }).observe(document.querySelector("button"), {
    attributeFilter: ["disabled"] }), undefined`);
  await page.getByRole("button", { name: "Send" }).dblclick();
  await said(page, "Thanks!");
  expect(await page.evaluate("off")).toBe(true);
  await page.getByRole("button", { name: "Send", disabled: false }).waitFor();
  expect(await page.getByRole("status").textContent()).toBe("Thanks!");
  expect(await visit.leads()).toHaveLength(1);
});

test("a form filled in a second time is a second lead", async () => {
  const visit = await aVisit(browser);
  visit.put("/", { html: aFormPage(visit) });
  const page = await visit.open();
  for (const count of [1, 2]) {
    await fillIn(page);
    await page.getByRole("button", { name: "Send", disabled: false }).click();
    await visit.leadsAt(count);
    await said(page, "Thanks!");
  }
  expect(new Set((await visit.leads()).map(({ id }) => id)).size).toBe(2);
});

describe("what is to be corrected", () => {
  const gateway = {
    config: {
      forms: { contact: { fields: z.looseObject({ message: z.string().min(20, "Tell us a little more.") }) } },
    },
  };

  test("stands beside its field, is told to screen readers, and has the cursor", async () => {
    const visit = await aVisit(browser, { gateway });
    visit.put("/", { html: aFormPage(visit) });
    const page = await visit.open();
    await fillIn(page, "not an address");
    await page.getByLabel("Message").fill("short");
    await page.keyboard.press("Tab");
    await send(page);
    await page.getByRole("alert").filter({ hasText: "Correct the fields" }).waitFor();

    const email = page.getByLabel("E-mail");
    expect(await email.getAttribute("aria-invalid")).toBe("true");
    expect(await page.evaluate("document.activeElement.name")).toBe("email");
    const [hint, note] = ((await email.getAttribute("aria-describedby")) ?? "").split(" ");
    expect(hint).toBe("hint");
    expect(await page.locator(`#${note}`).textContent()).toMatch(/e-mail/i);
    expect(await page.locator(".leadkeep-error").filter({ hasText: "Tell us a little more." }).count()).toBe(1);
    expect(await page.getByLabel("Name").inputValue()).toBe("Ada Lovelace");
    expect(await visit.leads()).toEqual([]);

    await email.fill("ada@example.com");
    await page.getByLabel("Message").fill("Two difference engines, please.");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await said(page, "Thanks!");
    expect(await email.getAttribute("aria-invalid")).toBeNull();
    expect(await page.locator(".leadkeep-error:visible").count()).toBe(0);
    expect(await visit.leads()).toHaveLength(1);
  });

  test("is told as a whole when it belongs to no field of the form, and the cursor goes there", async () => {
    const visit = await aVisit(browser, { gateway });
    const html = aFormPage(visit).replace(/<label>Message.*?<\/label>/, "");
    visit.put("/", { html });
    const page = await visit.open();
    await page.getByLabel("E-mail").fill("ada@example.com");
    await send(page);
    const alert = page.getByRole("alert");
    await alert.waitFor();
    expect(await alert.textContent()).not.toBe("");
    expect(await page.evaluate("document.activeElement.getAttribute('role')")).toBe("alert");
  });
});

test("a form added to the page later is sent the same way", async () => {
  const visit = await aVisit(browser);
  visit.put("/", { html: aFormPage(visit).replace(/<form.*<\/form>/s, "<main></main>") });
  const page = await visit.open();
  await page.evaluate(
    `document.querySelector("main").innerHTML = ${JSON.stringify(aForm(visit.leadsUrl, 'data-thanks-message="Thanks!"'))}`,
  );
  await fillIn(page);
  await send(page);
  await said(page, "Thanks!");
  expect(await visit.leads()).toHaveLength(1);
});

test("what the browser's autofill put in without a keystroke is sent", async () => {
  const visit = await aVisit(browser);
  visit.put("/", { html: aFormPage(visit) });
  const page = await visit.open();
  await page.evaluate(`for (const [name, value] of [["name", "Ada"], ["email", "ada@example.com"]])
    document.querySelector("[name=" + name + "]").value = value`);
  await send(page);
  await said(page, "Thanks!");
  expect(await visit.leads()).toMatchObject([{ name: "Ada", email: "ada@example.com" }]);
});

test("fields named like the form's own methods and properties do no harm", async () => {
  const visit = await aVisit(browser);
  const odd = ["action", "submit", "reset", "method", "elements"]
    .map((name) => `<input name="${name}" value="x">`)
    .join("");
  visit.put("/", { html: aFormPage(visit, { form: "" }).replace("<button", `${odd}<button`) });
  const page = await visit.open();
  await fillIn(page);
  await send(page);
  await page.waitForURL("**/f/contact/thanks");
  expect(await visit.leads()).toMatchObject([{ formData: { action: "x", submit: "x", elements: "x" } }]);
});

test("a form with a file goes the browser's way, with its key and where it came from", async () => {
  const visit = await aVisit(browser);
  const html = aFormPage(visit).replace("<form ", '<form enctype="multipart/form-data" ');
  visit.put("/", { html: html.replace("<button", '<input type="file" name="plan"><button') });
  const page = await visit.open("/?utm_source=news");
  await fillIn(page);
  await page.locator("[name=plan]").setInputFiles({ name: "a.txt", mimeType: "text/plain", buffer: Buffer.from("x") });
  await send(page);
  await page.waitForURL("**/f/contact/thanks");
  expect(await visit.leads()).toMatchObject([
    { formData: { plan: { filename: "a.txt" } }, attribution: { from: "script", parameters: { utm_source: "news" } } },
  ]);
});

describe("where scripts may not send", () => {
  test("a strict policy is kept without a violation when it names the gateway", async () => {
    const visit = await aVisit(browser);
    const policy = `default-src 'none'; script-src ${visit.leadsUrl}; connect-src ${visit.leadsUrl}; form-action ${visit.leadsUrl}; img-src data:`;
    visit.put("/", { html: aFormPage(visit), policy });
    const page = await visit.open();
    await fillIn(page, "nobody");
    await send(page);
    await page.getByRole("alert").waitFor();
    await page.getByLabel("E-mail").fill("ada@example.com");
    await send(page);
    await said(page, "Thanks!");
    expect(await visit.leads()).toHaveLength(1);
    expect(visit.violations).toEqual([]);
  });

  test("a policy that forbids scripts to connect leaves the plain post, which arrives once", async () => {
    const visit = await aVisit(browser);
    const policy = `default-src 'none'; script-src ${visit.leadsUrl}; form-action ${visit.leadsUrl}; img-src data:`;
    visit.put("/", { html: aFormPage(visit), policy });
    const page = await visit.open("/?utm_source=news");
    await fillIn(page);
    await send(page);
    await page.waitForURL("**/f/contact/thanks");
    expect(await visit.leads()).toMatchObject([
      { attribution: { from: "script", parameters: { utm_source: "news" } } },
    ]);
    expect(await page.goto(`${visit.siteUrl}/`).then(() => page.evaluate("sessionStorage.length"))).toBe(0);
  });

  test("an answer the browser may not read (CORS) leaves the plain post, which shows the gateway's own words", async () => {
    const visit = await aVisit(browser, {
      gateway: { config: { forms: { contact: { origins: ["https://www.example.com"] } } } },
    });
    visit.put("/", { html: aFormPage(visit) });
    const page = await visit.open();
    await fillIn(page);
    await send(page);
    await page.getByRole("heading", { name: "This site may not send to this form" }).waitFor();
    expect(await visit.leads()).toEqual([]);
  });
});

test("with JavaScript off the form is a plain post", async () => {
  const visit = await aVisit(browser, { context: { javaScriptEnabled: false } });
  visit.put("/", { html: aFormPage(visit) });
  const page = await visit.open("/?utm_source=news");
  await fillIn(page);
  await send(page);
  await page.waitForURL("**/f/contact/thanks");
  const [lead] = await visit.leads();
  expect(lead?.attribution).toMatchObject({ from: "referer", parameters: { utm_source: "news" } });
});
