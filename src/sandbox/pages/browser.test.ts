import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { openBrowser } from "../../../test/support/chromium.ts";
import { visitorScript } from "../../visitor-script.ts";
import { type Sandbox, startSandbox } from "../index.ts";
import { consentText } from "./demo-site.ts";

/** Takes the form as a gateway does, with a lead's id for the script and the thank-you page for a browser. */
let gateway: Server;
let posts: { path: string; referer: string; fields: URLSearchParams }[];
let sandbox: Sandbox;
let browser: Browser;
let complaints: string[];

beforeAll(async () => {
  browser = await openBrowser();
  gateway = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const { url: path = "", headers } = request;
    if (path === "/leadkeep.js") {
      const script = visitorScript(new Request("http://127.0.0.1/leadkeep.js"));
      response.writeHead(script.status, { "content-type": "text/javascript" }).end(await script.text());
      return;
    }
    posts.push({ path, referer: headers.referer ?? "", fields: new URLSearchParams(body) });
    if (headers.accept === "application/json") {
      response.writeHead(202, { "access-control-allow-origin": "*" }).end('{"lead_id":"lead_1","state":"accepted"}');
    } else response.writeHead(303, { location: `${sandbox.url}/thanks` }).end();
  });
  await new Promise<void>((listening) => gateway.listen(0, "127.0.0.1", listening));
});
afterAll(async () => {
  await browser.close();
  gateway.closeAllConnections();
  gateway.close();
});

beforeEach(async () => {
  posts = [];
  complaints = [];
  const { port } = gateway.address() as AddressInfo;
  sandbox = await startSandbox({ site: { gatewayUrl: `http://127.0.0.1:${port}`, form: "quote" } });
});
afterEach(async () => {
  await sandbox.close();
  expect(complaints).toEqual([]);
});

async function open(path: string, options: { javaScriptEnabled?: boolean } = {}): Promise<Page> {
  const page = await browser.newPage(options);
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  await page.goto(sandbox.url + path);
  return page;
}

async function fillAndSend(page: Page): Promise<void> {
  await page.getByLabel("Name").fill("Visitor");
  await page.getByLabel("E-mail", { exact: true }).fill("visitor@example.com");
  await page.getByRole("checkbox", { name: "Solar panels" }).check();
  await page.getByRole("checkbox", { name: "Car charger" }).check();
  await page.getByRole("checkbox", { name: "Northlight Solar may use" }).check();
  await page.getByRole("button", { name: "Request my quote" }).click();
  await page.waitForURL("**/thanks");
}

test("the form is sent with a key, the time zone and the campaign, and the visitor is thanked", async () => {
  const page = await open("/");
  await page.getByRole("link", { name: "Arrive as if from an ad" }).click();
  await fillAndSend(page);
  expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe("Thank you. We have it.");
  await page.close();

  const [{ path, fields } = { path: "", fields: new URLSearchParams() }] = posts;
  expect(path).toBe("/f/quote");
  expect(fields.getAll("interests")).toEqual(["Solar panels", "Car charger"]);
  expect([fields.get("consent"), fields.get("_consent_text"), fields.get("marketing_consent")]).toEqual([
    "yes",
    consentText,
    null,
  ]);
  expect(fields.get("_key")).toMatch(/^\d+(-\d+){3}$/);
  expect(fields.get("timezone")).not.toBe("");
  expect(JSON.parse(fields.get("_attribution") ?? "")).toEqual({
    at: expect.any(Number),
    page_title: "Northlight Solar: a quote for your roof",
    url: expect.stringContaining(`${sandbox.url}/?utm_source=google`),
    referrer: `${sandbox.url}/`,
    utm_source: "google",
    utm_medium: "cpc",
    utm_campaign: "solar-autumn",
    gclid: expect.any(String),
  });
});

test("a second sending after going back has a key of its own", async () => {
  const page = await open("/");
  await fillAndSend(page);
  await page.goBack();
  await fillAndSend(page);
  await page.close();
  const keys = posts.map(({ fields }) => fields.getAll("_key"));
  expect(keys.map((each) => each.length)).toEqual([1, 1]);
  expect(keys[0]).not.toEqual(keys[1]);
});

test("without JavaScript the form is sent all the same, and the Referer tells the campaign", async () => {
  const page = await open("/?utm_source=google", { javaScriptEnabled: false });
  await fillAndSend(page);
  await page.close();
  expect(posts).toMatchObject([{ path: "/f/quote", referer: `${sandbox.url}/?utm_source=google` }]);
  expect(posts[0]?.fields.get("email")).toBe("visitor@example.com");
});

test("the sandbox page shows what comes in, as text, and marks a duplicate", async () => {
  const page = await open("/sandbox");
  const card = page.getByRole("region", { name: "Zapier" });
  await card.getByText("Nothing yet.").waitFor();
  const hostile = "<img src=x onerror=alert(1)>";
  for (let n = 0; n < 2; n += 1) await send({ event_id: "evt_1", email: hostile });
  await card.getByText("2 received · 1 held · 1 duplicate").waitFor();
  await card.locator("summary").first().click();
  expect(await card.locator("pre").first().textContent()).toContain(hostile);
  expect(await card.locator("img").count()).toBe(0);
  expect(await card.getByText("duplicate", { exact: true }).count()).toBe(1);

  await send({ event_id: "evt_2" });
  await card.getByText("3 received").waitFor();
  expect(await card.locator("details[open]").count()).toBe(1);
  await page.close();
});

test("a switch on the sandbox page sets the vendor's fault, and works takes it away", async () => {
  const page = await open("/sandbox");
  const card = page.getByRole("region", { name: "Make" });
  await card.getByText("Takes it, answer is lost").click();
  await expect.poll(() => sandbox.vendors.make.fault).toEqual({ type: "reset", when: "after" });
  await card.getByRole("status").filter({ hasText: "Takes it, answer is lost" }).waitFor();
  await card.getByLabel("Works").check({ force: true });
  await expect.poll(() => sandbox.vendors.make.fault).toBeNull();
  await page.close();
});

test("a fault set elsewhere shows on the sandbox page, also one that has no switch", async () => {
  const page = await open("/sandbox");
  sandbox.vendors.webhook.setFault({ type: "endless" });
  const card = page.getByRole("region", { name: "Webhook", exact: true });
  await card.getByText("Fault: endless").waitFor();
  expect(await card.locator(":checked").count()).toBe(0);
  await page.close();
});

test("forgetting everything empties the page", async () => {
  const page = await open("/sandbox");
  const card = page.getByRole("region", { name: "Zapier" });
  await send({ event_id: "evt_1" });
  await card.getByText("1 received").waitFor();
  await page.getByRole("button", { name: "Forget everything" }).click();
  await card.getByText("Nothing yet.").waitFor();
  expect(await card.locator("details").count()).toBe(0);
  await page.close();
});

function send(body: object): Promise<Response> {
  return fetch(sandbox.vendors.zapier.url, { method: "POST", body: JSON.stringify(body) });
}
