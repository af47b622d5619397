import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { aConsole, ownerPassword, type TestConsole } from "./support/a-console.ts";

let console: TestConsole;
beforeAll(async () => {
  console = await aConsole({
    variables: { HUBSPOT_ACCESS_TOKEN: "pat-secret-token", HUBSPOT_BASE_URL: "http://127.0.0.1:9" },
  });
});
afterAll(() => console.close());
afterEach(() => expect(console.complaints).toEqual([]));

test("variables are told by name and by what they turn on, set or not, never by value", async () => {
  const page = await console.open("/setup");
  await page.getByRole("row", { name: /HUBSPOT_ACCESS_TOKEN set / }).waitFor();
  await page.getByRole("row", { name: /MAKE_WEBHOOK_URL not set the address of your Make custom webhook/ }).waitFor();
  const content = await page.content();
  for (const value of ["pat-secret-token", ownerPassword, console.sandbox.vendors.zapier.url]) {
    expect(content).not.toContain(value);
  }
});

test("variables are found by what they are called, and by whether they are set", async () => {
  const page = await console.open("/setup");
  const show = page.getByRole("radiogroup", { name: "Which to show" });
  await page.getByRole("searchbox", { name: "Search variables" }).fill("make");
  await show.getByText("Set", { exact: true }).click();
  await page.getByText("No variable matches").waitFor();
  await show.getByText("Not set").click();
  await page.getByRole("row", { name: /MAKE_WEBHOOK_URL/ }).waitFor();
});

test("the doctor's checks are run when asked for, each with its cure", async () => {
  const page = await console.open("/setup");
  await page.getByRole("button", { name: "Run the checks" }).click();
  const checks = page.getByRole("region", { name: "Checks" });
  await checks.getByRole("link", { name: "HubSpot" }).waitFor();
  await checks.getByText("Problem", { exact: true }).first().waitFor();
  await checks.getByText("can only be tried by sending it a lead").first().waitFor();
});

test("a viewer is told why there is nothing to see", async () => {
  const page = await console.openAs("viewer", "/setup");
  await page.getByRole("heading", { name: "The set-up is shown to operators and owners" }).waitFor();
});
