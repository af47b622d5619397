import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { newLeadId } from "../../src/model/id.ts";
import { aPerson } from "../support/a-gateway.ts";
import { aConsent, aLead } from "../support/a-lead.ts";
import { until } from "../support/until.ts";
import { aConsole, type TestConsole } from "./support/a-console.ts";

let console: TestConsole;
beforeAll(async () => {
  console = await aConsole();
});
afterAll(() => console.close());
afterEach(() => {
  console.sandbox.vendors.webhook.setFault(null);
  console.sandbox.vendors.zapier.setFault(null);
  expect(console.complaints).toEqual([]);
});

async function deadCount(destination: string): Promise<number> {
  const counts = await console.gateway.gateway.ledger.counts();
  return counts.find((one) => one.destination === destination)?.counts.dead ?? 0;
}

/** Leads that the webhook alone gets, and refuses. */
async function refuse(count: number): Promise<void> {
  console.sandbox.vendors.webhook.setFault({ type: "status", status: 422 });
  const pending = {
    destination: "webhook",
    kind: "webhook",
    purpose: "enquiry",
    state: "pending",
    reason: null,
  } as const;
  const before = await deadCount("webhook");
  await Promise.all(
    Array.from({ length: count }, () => {
      const now = Date.now();
      const lead = aLead({ id: newLeadId(now), receivedAt: now, consents: [aConsent()] });
      return console.gateway.gateway.keep({ lead, deliveries: [pending], key: null });
    }),
  );
  await until(async () => (await deadCount("webhook")) === before + count, 120_000);
}

test("nothing dead: the page says what would stand here", async () => {
  const page = await console.open("/dead-letters");
  await page.getByRole("heading", { name: "No dead letters" }).waitFor();
});

test("dead letters stand together by their cause, and lead to their leads", async () => {
  const { webhook, zapier } = console.sandbox.vendors;
  webhook.setFault({ type: "status", status: 422 });
  zapier.setFault({ type: "status", status: 404 });
  const lead = await console.gateway.post(aPerson({ name: "Refused Person" }));
  await console.gateway.delivery(lead, "webhook", "dead");
  await console.gateway.post(aPerson());
  await until(async () => (await deadCount("webhook")) === 2);
  const page = await console.open("/dead-letters");
  const cause = page.getByRole("article", { name: "Webhook: answered 422" });
  await cause.getByText("2 dead letters").waitFor();
  await cause.getByRole("link", { name: "Show the leads" }).click();
  await page.getByRole("link", { name: "Refused Person" }).waitFor();
  expect(new URL(page.url()).search).toBe("?destination=webhook&delivery=dead&code=rejected");
  await page.getByText("Cause: rejected").waitFor();
});

test("a whole cause is noted as seen to by hand, with its count before and who said so after", async () => {
  console.sandbox.vendors.zapier.setFault({ type: "status", status: 422 });
  const leads = [await console.gateway.post(aPerson()), await console.gateway.post(aPerson())];
  for (const lead of leads) await console.gateway.delivery(lead, "zapier", "dead");
  const count = await deadCount("zapier");
  const page = await console.openAs("operator", "/dead-letters?destination=zapier");
  const cause = page.getByRole("article", { name: /^Zapier/ });
  await cause.getByRole("button", { name: /^Seen to by hand/ }).click();
  const dialog = page.getByRole("dialog", { name: `All ${count} seen to by hand?` });
  await dialog.getByRole("button", { name: `All ${count} were seen to by hand` }).click();
  await page.getByText(`${count} noted as seen to by hand`).waitFor();
  await cause.waitFor({ state: "detached" });
  for (const lead of leads) {
    const { reason } = await console.gateway.delivery(lead, "zapier", "cancelled");
    expect(reason?.code).toBe("handled_by_hand");
  }
  const acts = await console.gateway.gateway.ledger.acts({ limit: count });
  expect(acts.map(({ actor }) => actor.name)).toEqual(Array(count).fill("operator@example.com"));
});

test("what has come since the page was looked at is not noted along with the rest", async () => {
  console.sandbox.vendors.zapier.setFault({ type: "status", status: 422 });
  const lead = await console.gateway.post(aPerson());
  await console.gateway.delivery(lead, "zapier", "dead");
  const page = await console.open("/dead-letters?destination=zapier");
  const cause = page.getByRole("article", { name: /^Zapier/ });
  await cause.getByRole("button", { name: /^Seen to by hand/ }).click();
  const dialog = page.getByRole("dialog", { name: "Seen to by hand?" });
  await dialog.waitFor();
  await console.gateway.delivery(await console.gateway.post(aPerson()), "zapier", "dead");
  await dialog.getByRole("button", { name: "It was seen to by hand" }).click();
  await dialog.getByText("There are others of this cause by now").waitFor();
  expect(await deadCount("zapier")).toBe(2);
});

test("dead letters of a destination alone are shown, and of all again", async () => {
  const page = await console.open("/dead-letters?destination=zapier");
  await page.getByText("Only those at Zapier").waitFor();
  expect(await page.getByRole("article", { name: /^Webhook/ }).count()).toBe(0);
  await page.getByRole("link", { name: "Show all destinations" }).click();
  await page.getByRole("article", { name: /^Webhook/ }).waitFor();
});

test("what is refused once more comes back, and is told apart from what arrived", async () => {
  console.sandbox.vendors.webhook.setFault({ type: "status", status: 422, times: 1 });
  const count = await deadCount("webhook");
  const page = await console.open("/dead-letters");
  await page.getByRole("button", { name: /^Send again to Webhook/ }).click();
  await page
    .getByRole("dialog")
    .getByRole("button", { name: `Send ${count} again` })
    .click();
  const done = page.getByRole("region", { name: "Done at Webhook" });
  await done
    .getByText(`${count} of ${count}: ${count - 1} delivered, 1 dead letter again`)
    .first()
    .waitFor();
  expect(await deadCount("webhook")).toBe(1);
});

test("5,000 dead letters are counted, sent again at one click, and watched until all have arrived once", async () => {
  await refuse(5_000);
  const count = await deadCount("webhook");
  console.sandbox.vendors.webhook.setFault(null);
  const before = console.sandbox.vendors.webhook.records.size;
  const page = await console.open("/dead-letters");
  await page.getByRole("button", { name: /^Send again to Webhook/ }).click();
  const dialog = page.getByRole("dialog", { name: `Send ${count.toLocaleString("en-GB")} again?` });
  await dialog.getByRole("button", { name: /^Send/ }).click();
  await page.getByRole("region", { name: "Sending to Webhook" }).getByRole("progressbar").waitFor();
  const done = page.getByRole("region", { name: "Done at Webhook" });
  await done.waitFor({ timeout: 120_000 });
  const said = count.toLocaleString("en-GB");
  await done.getByText(`${said} of ${said}: ${said} delivered`).first().waitFor();
  await page.getByRole("article", { name: /^Webhook/ }).waitFor({ state: "detached" });
  expect(await deadCount("webhook")).toBe(0);
  expect(console.sandbox.vendors.webhook.records.size).toBe(before + count);
}, 240_000);

test("a viewer sees the causes, and cannot act on them", async () => {
  const page = await console.openAs("viewer", "/dead-letters");
  await page.getByRole("article", { name: /^Zapier/ }).waitFor();
  expect(await page.getByRole("button", { name: /^(Send|Seen)/ }).count()).toBe(0);
});
