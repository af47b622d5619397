import { createTransport } from "nodemailer";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { openBrowser } from "../../../test/support/chromium.ts";
import { type Sandbox, startSandbox } from "../index.ts";

let browser: Browser;
let sandbox: Sandbox;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser.close());

beforeEach(async () => {
  sandbox = await startSandbox();
  complaints = [];
  page = await browser.newPage();
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("dialog", (dialog) => {
    complaints.push(dialog.message());
    void dialog.dismiss();
  });
  await page.goto(`${sandbox.url}/sandbox`);
});
afterEach(async () => {
  await page.close();
  await sandbox.close();
  expect(complaints).toEqual([]);
});

async function send(html: string): Promise<void> {
  const { hostname, port } = new URL(sandbox.mail.url);
  const transport = createTransport({ host: hostname, port });
  await transport.sendMail({ from: "a@example.com", to: "b@example.com", subject: "Subject", text: "As text", html });
  transport.close();
}

test("a mail shows up in the inbox, and opened it is shown as it looks and as text", async () => {
  const inbox = page.getByRole("region", { name: "Mail" });
  await inbox.getByText("Nothing yet.").waitFor();
  await send("<h1>As it looks</h1>");
  await inbox.getByText("1 received · 1 in the inbox").waitFor();
  await inbox.getByText("b@example.com: Subject").click();
  await inbox.locator("iframe").contentFrame().getByRole("heading", { name: "As it looks" }).waitFor();
  await inbox.getByText("Its plain-text part").click();
  await inbox.getByText("As text", { exact: true }).waitFor();
});

test("a hostile mail neither runs nor loads anything in the inbox", async () => {
  const loaded: string[] = [];
  page.on("response", (response) => loaded.push(response.url()));
  await send('<p>Here</p><script>alert(1)</script><img src="/loaded" onerror="alert(2)"><svg onload="alert(3)"></svg>');
  const inbox = page.getByRole("region", { name: "Mail" });
  await inbox.getByText("b@example.com: Subject").click();
  await inbox.locator("iframe").contentFrame().getByText("Here").waitFor();
  expect(loaded.filter((url) => url.includes("loaded"))).toEqual([]);
});

test("a switch of the inbox sets the mail server's fault, and works takes it away", async () => {
  const inbox = page.getByRole("region", { name: "Mail" });
  await inbox.getByText("Takes it, the 250 is lost").click();
  await expect.poll(() => sandbox.mail.fault).toEqual({ type: "drop", at: "data", applied: true });
  await inbox.getByRole("status").filter({ hasText: "Takes it, the 250 is lost" }).waitFor();
  await inbox.getByLabel("Works").check({ force: true });
  await expect.poll(() => sandbox.mail.fault).toBeNull();
});
