import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { until } from "../support/until.ts";
import { aConsole, type TestConsole } from "./support/a-console.ts";

const reason = { code: "unauthorized", message: "answered 401", status: 401 };
const actor = { type: "console", name: "Grace" } as const;

let console: TestConsole;
beforeAll(async () => {
  console = await aConsole({ config: { alerts: { every: "50ms", overAfter: "1ms", diskFreeBelow: false } } });
});
afterAll(() => console.close());
afterEach(() => expect(console.complaints).toEqual([]));

/** The webhook is blocked, and that has been noticed. */
async function block(): Promise<void> {
  const { ledger, alerts } = console.gateway.gateway;
  await ledger.pause({ destination: "webhook", since: Date.now(), by: "machine", reason });
  await until(async () => (await alerts.list()).open.length > 0);
}

async function mend(): Promise<void> {
  const { ledger, alerts } = console.gateway.gateway;
  await ledger.resume("webhook", { now: Date.now(), actor });
  await until(async () => (await alerts.list()).open.length === 0);
}

test("when nothing is wrong, the page of alerts says so", async () => {
  const page = await console.open("/");
  await page.getByRole("link", { name: "Alerts: nothing new" }).click();
  await page.getByRole("heading", { name: "Nothing is wrong" }).waitFor();
});

test("the bell counts what nobody has seen, and who has seen it stands beside it", async () => {
  await block();
  const page = await console.open("/leads");
  await page.getByRole("link", { name: "Alerts: 1 new" }).click();
  const alert = page.getByRole("list", { name: "Open" }).getByRole("listitem");
  await alert.getByText("Webhook is paused: answered 401.").waitFor();
  await alert.getByText("Its credentials are not accepted.").waitFor();
  await alert.getByText("No lead waits for it.").waitFor();
  await alert.getByRole("button", { name: /^I have seen it/ }).click();
  await alert.getByText(/^Seen by/).waitFor();
  await page.getByRole("link", { name: "Alerts: nothing new" }).waitFor();
  await alert.getByRole("link", { name: /^Look at it/ }).click();
  await page.getByRole("heading", { name: "Webhook", level: 1 }).waitFor();
});

test("the overview tells a trouble once, not again as an alert; in German too", async () => {
  const page = await console.open("/", { locale: "de-DE" });
  await page.getByText("Webhook ist angehalten. (answered 401)").waitFor();
  expect(await page.getByText("Webhook ist angehalten.").count()).toBe(1);
  await page.getByRole("link", { name: "Meldungen: nichts Neues" }).click();
  await page.getByText("Beheben Sie die Ursache.").waitFor();
  expect(await page.getByText("Webhook ist angehalten.").count()).toBe(1);
});

test("what is over stays below", async () => {
  await mend();
  const page = await console.open("/alerts");
  const over = page.getByRole("list", { name: "Over" });
  await over.getByRole("link", { name: "Webhook takes leads again." }).waitFor();
  await over.getByText(/answered 401/).waitFor();
});

test("a viewer sees alerts, and cannot note having seen them", async () => {
  await block();
  const page = await console.openAs("viewer", "/alerts");
  await page.getByText("Webhook is paused: answered 401.").waitFor();
  expect(await page.locator("main").getByRole("button").count()).toBe(0);
});
