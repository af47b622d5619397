import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { newSignInLink } from "../../src/server/sign-in/link.ts";
import { aConsole, ownerPassword, type TestConsole } from "./support/a-console.ts";

let console: TestConsole;
beforeAll(async () => {
  console = await aConsole();
});
afterAll(() => console.close());
afterEach(() => expect(console.complaints).toEqual([]));

test("who is not signed in is led to sign in, and then to the page they wanted", async () => {
  const page = await console.openSignedOut("/leads?form=contact");
  await page.getByLabel("Password", { exact: true }).fill(ownerPassword);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Leads", level: 1 }).waitFor();
  expect(new URL(page.url()).search).toBe("?form=contact");
});

test("a wrong password is told, and nothing is shown", async () => {
  const page = await console.openSignedOut("/");
  await page.getByLabel("Password", { exact: true }).fill("wrong horse battery");
  await page.getByRole("button", { name: "Sign in" }).click();
  expect(await page.getByRole("alert").textContent()).toContain("Check the password");
  expect(await page.getByRole("navigation").count()).toBe(0);
});

test("the one-time link signs in, leaves no token in the address, and works once", async () => {
  const { gateway, url } = console.gateway;
  const link = await newSignInLink(gateway.accounts, url, Date.now());
  const path = link.slice(`${url}/console`.length);
  const page = await console.openSignedOut(path);
  await page.getByRole("heading", { name: "Overview", level: 1 }).waitFor();
  expect(page.url().replace(/\/$/, "")).toBe(`${url}/console`);

  const again = await console.openSignedOut(path);
  expect(await again.getByRole("alert").textContent()).toContain("This link has been used or is too old");
});

test("signing out ends the session", async () => {
  const page = await console.openSignedOut("/");
  await page.getByLabel("Password", { exact: true }).fill(ownerPassword);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("button", { name: /^Account/ }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await page.getByLabel("Password", { exact: true }).waitFor();
  await page.goto(`${console.gateway.url}/console/leads`);
  await page.getByLabel("Password", { exact: true }).waitFor();
});

test("the console speaks German, and remembers it", async () => {
  const page = await console.open("/");
  await page.getByRole("button", { name: /^Account/ }).click();
  await page.getByRole("menuitemradio", { name: "Deutsch" }).click();
  await page.getByRole("heading", { name: "Übersicht", level: 1 }).waitFor();
  await page.reload();
  await page.getByRole("heading", { name: "Übersicht", level: 1 }).waitFor();
  expect(await page.getAttribute("html", "lang")).toBe("de");
});
