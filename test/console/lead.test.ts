import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { aPerson } from "../support/a-gateway.ts";
import { until } from "../support/until.ts";
import { aConsole, type TestConsole } from "./support/a-console.ts";

let console: TestConsole;
beforeAll(async () => {
  console = await aConsole();
});
afterAll(() => console.close());
afterEach(() => expect(console.complaints).toEqual([]));

test("a lead shows who, what, where from, the very wording of the consent, and its way", async () => {
  const lead = await console.gateway.post(
    aPerson({
      name: "Whole Person",
      phone: "+442079460123",
      message: "Is there a battery for it?",
      roof_m2: "60",
      _consent_text: "You may use my details to answer me.",
      page_url: "https://example.com/solar?utm_source=google&utm_campaign=autumn",
    }),
  );
  await console.gateway.delivery(lead, "webhook", "delivered");
  const page = await console.open(`/leads/${lead}`);
  await page.getByRole("heading", { name: "Whole Person", level: 1 }).waitFor();
  const text = (await page.getByRole("main").textContent()) ?? "";
  for (const part of [
    "Is there a battery for it?",
    "+442079460123",
    "roof_m2",
    "google",
    "autumn",
    "You may use my details to answer me.",
    "Received and kept",
    "answered 200",
  ])
    expect(text).toContain(part);
  await page.getByRole("button", { name: "Show", exact: true }).click();
  expect(await page.getByRole("region", { name: "As it was sent" }).textContent()).toContain('"roof_m2": "60"');
});

test("a dead letter says why, and is sent again by a button", async () => {
  console.sandbox.vendors.webhook.setFault({ type: "status", status: 422, times: 1 });
  const lead = await console.gateway.post(aPerson());
  await console.gateway.delivery(lead, "webhook", "dead");
  const page = await console.open(`/leads/${lead}`);
  const way = page.getByRole("region", { name: "Its way" });
  await way.getByText("Dead letter").waitFor();
  expect(await way.textContent()).toContain("answered 422");
  await way.getByRole("button", { name: "Send again" }).click();
  await way.getByText("Dead letter").waitFor({ state: "detached" });
  await console.gateway.delivery(lead, "webhook", "delivered");
  await until(async () => (await way.getByText("Delivered", { exact: true }).count()) === 2);
});

test("a dead letter seen to by hand is noted as that, with who said so", async () => {
  console.sandbox.vendors.webhook.setFault({ type: "status", status: 422, times: 1 });
  const lead = await console.gateway.post(aPerson());
  await console.gateway.delivery(lead, "webhook", "dead");
  const page = await console.openAs("operator", `/leads/${lead}`);
  await page.getByRole("button", { name: "Seen to by hand" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Seen to by hand" }).click();
  const { reason } = await console.gateway.delivery(lead, "webhook", "cancelled");
  expect(reason?.code).toBe("handled_by_hand");
  const acts = page.getByRole("region", { name: "Who did what" });
  await acts.getByText("operator@example.com").waitFor();
});

test("of an erased lead, what only a person can do is noted as done", async () => {
  const lead = await console.gateway.post(aPerson());
  await console.gateway.delivery(lead, "webhook", "delivered");
  const { lead: kept } = await console.gateway.record(lead);
  const reason = { code: "by_hand", message: "delete the row by hand" };
  await console.gateway.gateway.ledger.erase([kept.id], {
    tombstones: [],
    now: Date.now(),
    actor: { type: "command", name: "leadkeep" },
    followUps: () => [{ event: "lead.erased", destination: "webhook", kind: "webhook", purpose: "enquiry", reason }],
  });
  const page = await console.open(`/leads/${lead}`);
  await page.getByText("delete the row by hand").waitFor();
  await page.getByRole("button", { name: "Seen to by hand" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Seen to by hand" }).click();
  await until(async () => {
    const { deliveries } = await console.gateway.record(lead);
    return deliveries.some((one) => one.event === "lead.erased" && one.reason?.code === "handled_by_hand");
  });
});

test("what is withheld leaves once a consent is noted", async () => {
  const lead = await console.gateway.post(aPerson({ consent: undefined }));
  await console.gateway.delivery(lead, "webhook", "withheld");
  const page = await console.open(`/leads/${lead}`);
  await page.getByRole("button", { name: "Note a consent" }).click();
  await page.getByLabel("What the person agreed to, and how").fill("Agreed on the phone to being called back.");
  await page.getByRole("dialog").getByRole("button", { name: "Note a consent" }).click();
  await console.gateway.delivery(lead, "webhook", "delivered");
  const consents = page.getByRole("region", { name: "Consent" });
  await consents.getByText("Agreed on the phone to being called back.").waitFor();
});

test("a note and who works on it are kept", async () => {
  const lead = await console.gateway.post(aPerson());
  const page = await console.open(`/leads/${lead}`);
  await page.getByRole("button", { name: "Take it" }).click();
  await page.getByLabel("Note", { exact: true }).fill("Wants an offer by Friday.");
  await page.getByRole("button", { name: "Save" }).click();
  const work = async () => (await console.gateway.record(lead)).work;
  await until(async () => (await work()).note === "Wants an offer by Friday.");
  expect((await work()).assignee).toBe("Owner");
});

test("a person is erased only after the plan was shown and their address typed", async () => {
  const lead = await console.gateway.post(aPerson({ name: "Forgotten Person", email: "forget.me@example.com" }));
  await console.gateway.delivery(lead, "webhook", "delivered");
  const page = await console.open(`/leads/${lead}`);
  await page.getByRole("button", { name: "More" }).click();
  await page.getByRole("menuitem", { name: "Erase this person…" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("Webhook: is told to erase it").waitFor();
  const erase = dialog.getByRole("button", { name: "Erase for good" });
  expect(await erase.isDisabled()).toBe(true);
  await dialog.getByRole("textbox").fill("forget.me@example.com");
  await erase.click();
  await dialog.getByText("1 lead erased").waitFor();
  await dialog.getByRole("button", { name: "Close" }).last().click();
  await page.getByText("This person was erased").waitFor();
  expect(await page.getByText("Forgotten Person").count()).toBe(0);
  expect((await console.gateway.record(lead)).lead.state).toBe("erased");
});

test("everything of a person can be saved as a file", async () => {
  const lead = await console.gateway.post(aPerson());
  const page = await console.open(`/leads/${lead}`);
  await page.getByRole("button", { name: "More" }).click();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("menuitem", { name: "Export all about this person" }).click(),
  ]);
  const chunks: Buffer[] = [];
  for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer);
  expect(Buffer.concat(chunks).subarray(0, 2).toString()).toBe("PK");
});

test("a viewer sees the lead masked, and no button that acts", async () => {
  const lead = await console.gateway.post(aPerson({ name: "Secret Person", message: "secret wish" }));
  const page = await console.openAs("viewer", `/leads/${lead}`);
  await page.getByText("Your role sees personal data masked").waitFor();
  expect(await page.getByRole("main").textContent()).not.toMatch(/Secret|secret wish/);
  expect(await page.getByRole("button", { name: /Note|Stop|Send|Save/ }).count()).toBe(0);
});

test("a lead that is not there is told as such", async () => {
  const page = await console.open("/leads/lead_00000000-0000-7000-8000-000000000000");
  await page.getByText("There is nothing here any more.").waitFor();
});
