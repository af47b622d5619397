import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { aConsole, type TestConsole } from "./support/a-console.ts";

let console: TestConsole;
beforeAll(async () => {
  console = await aConsole();
});
afterAll(() => console.close());
afterEach(() => expect(console.complaints).toEqual([]));

test("a person is added with a password shown once, by which they can sign in", async () => {
  const page = await console.open("/people");
  await page.getByRole("heading", { name: "Nobody but the built-in owner" }).waitFor();
  await page.getByRole("button", { name: "Add a person" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: "Name" }).fill("Grace Hopper");
  await dialog.getByRole("textbox", { name: "E-mail" }).fill("grace@example.com");
  await dialog.getByRole("radio", { name: "Viewer" }).check();
  const password = await dialog.getByRole("textbox", { name: "First password" }).inputValue();
  expect(password).toMatch(/^[a-z2-9]{5}(-[a-z2-9]{5}){3}$/);
  await dialog.getByRole("button", { name: "Add a person" }).click();
  await page.getByRole("dialog", { name: "Grace Hopper can sign in now" }).getByText(password).waitFor();
  await page.getByRole("button", { name: "I have passed it on" }).click();
  await page.getByRole("row", { name: /Grace Hopper grace@example.com Viewer never/ }).waitFor();
  expect(await page.content()).not.toContain(password);

  const theirs = await console.openSignedOut("/sign-in");
  await theirs.getByRole("textbox", { name: /^E-mail/ }).fill("grace@example.com");
  await theirs.getByRole("textbox", { name: "Password", exact: true }).fill(password);
  await theirs.getByRole("button", { name: "Sign in" }).click();
  await theirs.getByRole("heading", { name: "Overview", level: 1 }).waitFor();
});

test("an address that is taken is refused in words, and nothing typed is lost", async () => {
  const page = await console.open("/people");
  await page.getByRole("button", { name: "Add a person" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: "Name" }).fill("Other Grace");
  await dialog.getByRole("textbox", { name: "E-mail" }).fill("grace@example.com");
  await dialog.getByRole("button", { name: "Add a person" }).click();
  await dialog.getByRole("alert").getByText("Somebody has this address already.").waitFor();
  expect(await dialog.getByRole("textbox", { name: "Name" }).inputValue()).toBe("Other Grace");
});

test("a role can be changed, and a person removed", async () => {
  const page = await console.open("/people");
  await page.getByRole("button", { name: "Edit Grace Hopper" }).click();
  await page.getByRole("radio", { name: "Operator" }).check();
  await page.getByText("A new role takes effect").waitFor();
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("row", { name: /Grace Hopper grace@example.com Operator/ }).waitFor();
  await page.getByRole("button", { name: "Remove Grace Hopper" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await page.getByRole("heading", { name: "Nobody but the built-in owner" }).waitFor();
});

test("a token's secret is shown once, works within its scopes, and is refused once it is ended", async () => {
  const page = await console.open("/people");
  await page.getByRole("button", { name: "Make a token" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: "What it is for" }).fill("Nightly export");
  await dialog.getByRole("button", { name: "Make a token" }).click();
  const secret = (await dialog.getByText(/^lk_/).textContent()) ?? "";
  await dialog.getByRole("button", { name: "I have kept it" }).click();
  await page.getByRole("row", { name: /Nightly export read/ }).waitFor();
  expect(await page.content()).not.toContain(secret);

  const asked = async (path: string) => {
    const headers = { authorization: `Bearer ${secret}` };
    return (await fetch(`${console.gateway.url}/api/v1${path}`, { headers })).status;
  };
  expect([await asked("/destinations"), await asked("/people")]).toEqual([200, 403]);
  await page.getByRole("button", { name: "End the token Nightly export" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "End" }).click();
  await page.getByText("The token “Nightly export” is ended").waitFor();
  expect(await asked("/destinations")).toBe(401);
});

test("who may not manage people is told so, and the API is not asked", async () => {
  const page = await console.openAs("operator", "/people");
  await page.getByRole("heading", { name: "Only owners see who may sign in" }).waitFor();
});
