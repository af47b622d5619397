import { afterEach, beforeEach, expect, test } from "vitest";
import * as z from "zod";
import type { LeadkeepConfig } from "../../src/config/config.ts";
import { secretsOf } from "../../src/config/secret-file.ts";
import { mailCustomer } from "../../src/destinations/index.ts";
import type { Purpose } from "../../src/model/consent.ts";
import { type ConsentNotice, defineDestination } from "../../src/model/destination.ts";
import type { LeadId } from "../../src/model/id.ts";
import { createConsentDesk } from "../../src/privacy/consent-desk.ts";
import { createPersonLinks } from "../../src/privacy/person-links.ts";
import { type ReceivedMail, type Sandbox, startSandbox } from "../../src/sandbox/index.ts";
import { aGateway, aPerson, type TestGateway } from "../support/a-gateway.ts";
import { formAction, personPage } from "../support/a-person-page.ts";
import { ask } from "../support/http.ts";

const wording = "Send me news, once a month at most.";
const aClerk = { type: "command", name: "test" } as const;
let sandbox: Sandbox;
let gateway: TestGateway;
let told: ConsentNotice[];

const delivered = { type: "delivered" } as const;
/** Can be told of a withdrawal. */
const able = defineDestination({
  kind: "able",
  label: "Able",
  options: z.strictObject({}),
  deliver: async () => delivered,
  async withdraw(withdrawal) {
    told.push(withdrawal);
    return delivered;
  },
});
/** Cannot. */
const unable = defineDestination({
  kind: "unable",
  label: "Unable",
  options: z.strictObject({}),
  byHand: "take the person off the list",
  deliver: async () => delivered,
});

beforeEach(async () => {
  sandbox = await startSandbox();
  told = [];
});

afterEach(async () => {
  await gateway.close();
  await sandbox.close();
});

async function start(destinations: LeadkeepConfig["destinations"] = { crm: able({}) }): Promise<void> {
  gateway = await aGateway({
    variables: { PUBLIC_URL: "https://leads.example.com" },
    config: {
      forms: {
        contact: {
          consents: [
            { field: "consent", purpose: "enquiry" },
            { field: "marketing_consent", purpose: "marketing", text: wording },
          ],
        },
      },
      destinations,
    },
  });
}

/** Posts a lead that agrees to both, and waits until its destinations have it. */
async function aLeadDelivered(fields: Record<string, unknown> = {}): Promise<LeadId> {
  const lead = await gateway.post(aPerson({ marketing_consent: "on", ...fields }));
  for (const { id } of gateway.gateway.options.destinations)
    await gateway.delivery(lead, id, "delivered", "withheld", "cancelled");
  return lead as LeadId;
}

/** The page where a lead's consents can be withdrawn. */
async function withdrawPage(lead: string, purpose?: Purpose) {
  const { options } = gateway.gateway;
  const links = createPersonLinks({ secrets: secretsOf(options), publicUrl: options.publicUrl, now: Date.now });
  return personPage(gateway.url, links.withdraw((await gateway.record(lead)).lead, purpose) ?? "no link");
}

async function standing(lead: string): Promise<Record<string, string>> {
  const { lead: kept } = await gateway.record(lead);
  return Object.fromEntries(kept.consents.map(({ purpose, action }) => [purpose, action]));
}

/** A lead's follow-ups: where to, and how they stand. */
async function followUps(lead: string): Promise<string[]> {
  const { deliveries } = await gateway.record(lead);
  return deliveries
    .filter(({ event }) => event !== "lead.created")
    .map(({ destination, purpose, state, reason }) =>
      `${destination} ${purpose} ${state} ${reason?.message ?? ""}`.trim(),
    )
    .sort();
}

function withdraw(lead: LeadId, purpose: string) {
  return gateway.gateway.consent.withdraw(lead, { purpose, source: "api" }, aClerk);
}

test("looking at the page withdraws nothing; it shows what was agreed to, in its words, with that of the link ticked", async () => {
  await start();
  const lead = await aLeadDelivered();
  const page = await withdrawPage(lead, "marketing");
  const { body } = await page.look();
  await page.look();
  expect(body).toContain(wording);
  expect(body).toMatch(/value="marketing" checked/);
  expect(body).toMatch(/value="enquiry">/);
  expect(await standing(lead)).toEqual({ enquiry: "granted", marketing: "granted" });
});

test("what is chosen is withdrawn, and nothing else", async () => {
  await start();
  const lead = await aLeadDelivered();
  const page = await withdrawPage(lead);
  expect((await page.press({ purpose: "marketing" })).body).toContain("Your consent is withdrawn");
  expect(await standing(lead)).toEqual({ enquiry: "granted", marketing: "withdrawn" });
  const { lead: kept } = await gateway.record(lead);
  expect(kept.consents.at(-1)).toMatchObject({ action: "withdrawn", source: "link" });
});

test("who chooses nothing is asked to, and nothing is withdrawn", async () => {
  await start();
  const lead = await aLeadDelivered();
  expect((await (await withdrawPage(lead)).press()).body).toContain("Please choose at least one");
  expect((await (await withdrawPage(lead)).press({ purpose: "nothing of ours" })).body).toContain("at least one");
  expect(await standing(lead)).toEqual({ enquiry: "granted", marketing: "granted" });
});

test.each(["multipart/form-data; boundary=B", "application/x-www-form-urlencoded"])(
  "a mail program's one click withdraws at once, sent as %s",
  async (type) => {
    await start();
    const lead = await aLeadDelivered();
    const { url } = await withdrawPage(lead, "marketing");
    const part = '--B\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--B--\r\n';
    const body = type.startsWith("multipart") ? part : "List-Unsubscribe=One-Click";
    expect((await ask(url, { headers: { "content-type": type }, body })).status).toBe(200);
    expect(await standing(lead)).toEqual({ enquiry: "granted", marketing: "withdrawn" });
  },
);

test("one click on a link for no purpose in particular withdraws all that was given", async () => {
  await start();
  const lead = await aLeadDelivered();
  await (await withdrawPage(lead)).press({ "List-Unsubscribe": "One-Click" });
  expect(await standing(lead)).toEqual({ enquiry: "withdrawn", marketing: "withdrawn" });
});

test("one click more withdraws nothing more, and puts nothing more on record", async () => {
  await start();
  const lead = await aLeadDelivered();
  const page = await withdrawPage(lead, "marketing");
  const clicks = [1, 2, 3].map(() => page.press({ "List-Unsubscribe": "One-Click" }));
  for (const { status } of await Promise.all(clicks)) expect(status).toBe(200);
  await page.press({ "List-Unsubscribe": "One-Click" });
  const { consents } = (await gateway.record(lead)).lead;
  expect(consents.filter(({ action }) => action === "withdrawn")).toHaveLength(1);
  expect(await followUps(lead)).toHaveLength(1);
});

test.each(["marketing", undefined])(
  "an old mail's link still works for what the person has agreed to since (purpose: %s)",
  async (purpose) => {
    await start();
    const email = "ada@example.com";
    const first = await aLeadDelivered({ email });
    const old = await withdrawPage(first, purpose);
    for (const one of ["enquiry", "marketing"]) await withdraw(first, one);
    expect((await old.look()).body).toContain("There is nothing to withdraw");
    const second = await aLeadDelivered({ email });
    expect((await old.look()).body).toContain("Withdraw your consent");
    await old.press({ "List-Unsubscribe": "One-Click" });
    expect((await standing(second)).marketing).toBe("withdrawn");
    expect((await standing(second)).enquiry).toBe(purpose ? "granted" : "withdrawn");
    expect((await old.look()).body).toContain("There is nothing to withdraw");
  },
);

test("a withdrawal holds for every lead of the person, and for nobody else's", async () => {
  await start();
  const email = "ada@example.com";
  const first = await aLeadDelivered({ email });
  const second = await aLeadDelivered({ email: "ADA@example.com" });
  const other = await aLeadDelivered({ email: "grace@example.com", message: "I know ada@example.com" });
  const { leads } = await withdraw(first, "marketing");
  expect([...leads].sort()).toEqual([first, second].sort());
  expect((await standing(second)).marketing).toBe("withdrawn");
  expect((await standing(other)).marketing).toBe("granted");
});

test("the person's other leads that never gave that consent are left alone", async () => {
  await start();
  const email = "ada@example.com";
  const first = await aLeadDelivered({ email });
  const second = (await gateway.post(aPerson({ email }))) as LeadId;
  const { leads } = await withdraw(first, "marketing");
  expect(leads).toEqual([first]);
  expect(await standing(second)).toEqual({ enquiry: "granted" });
});

test("where data are used on another basis than consent, an objection holds for all leads of the person", async () => {
  await start({ partner: able({ purpose: "marketing", basis: "legitimate-interest" }) });
  const email = "ada@example.com";
  const first = (await gateway.post({ email })) as LeadId;
  const second = (await gateway.post({ email })) as LeadId;
  await (await withdrawPage(first, "marketing")).press({ purpose: "marketing" });
  expect([(await standing(first)).marketing, (await standing(second)).marketing]).toEqual(["withdrawn", "withdrawn"]);
});

test("a withdrawal stops what waits for that purpose, and spares what goes on without the person", async () => {
  await start({
    list: able({ purpose: "marketing" }),
    sheet: able({ purpose: "marketing", withoutConsent: "redact" }),
  });
  for (const destination of ["list", "sheet"]) {
    const reason = { code: "paused", message: "paused" };
    await gateway.gateway.ledger.pause({ destination, since: Date.now(), by: "person", reason });
  }
  const lead = (await gateway.post(aPerson({ marketing_consent: "on" }))) as LeadId;
  await withdraw(lead, "marketing");
  await gateway.delivery(lead, "list", "cancelled");
  await gateway.delivery(lead, "sheet", "pending");
});

test("a withdrawal travels on to every destination that can be told; others of the purpose are for a person, with what to do", async () => {
  await start({
    crm: able({}),
    list: unable({ purpose: "marketing" }),
    archive: unable({ purpose: "archive" }),
    nowhere: able({ purpose: "never asked" }),
  });
  const lead = await aLeadDelivered({ consent: "on" });
  const { byHand } = await withdraw(lead, "marketing");
  await gateway.delivery(lead, "crm", "delivered");
  expect(byHand).toEqual([
    {
      lead,
      destination: "list",
      message: 'consent for "marketing" was withdrawn: take the person off the list',
    },
  ]);
  await expect
    .poll(() => followUps(lead))
    .toEqual([
      "crm marketing delivered",
      'list marketing dead consent for "marketing" was withdrawn: take the person off the list',
    ]);
  expect(told).toMatchObject([{ purpose: "marketing", lead: { id: lead } }]);
  expect(told[0]?.lead.consents.at(-1)?.action).toBe("withdrawn");
});

test("a destination that got the lead without the person is told nothing", async () => {
  await start({ sheet: able({ purpose: "never asked", withoutConsent: "redact" }) });
  const lead = await aLeadDelivered();
  await withdraw(lead, "marketing");
  expect(await followUps(lead)).toEqual([]);
});

test("a destination that is not configured any more is a person's to see to", async () => {
  await start({ list: able({ purpose: "marketing" }) });
  const lead = await aLeadDelivered();
  const desk = createConsentDesk({
    ledger: gateway.gateway.ledger,
    destinations: [],
    personKeys: () => [],
    now: Date.now,
  });
  const { byHand } = await desk.withdraw(lead, { purpose: "marketing", source: "api" }, aClerk);
  expect(byHand).toMatchObject([{ destination: "list", message: expect.stringContaining("not configured any more") }]);
});

test("a withdrawal that was not meant can be taken back within the hour: what was stopped goes on", async () => {
  await start({ list: able({ purpose: "marketing" }) });
  await gateway.gateway.ledger.pause({
    destination: "list",
    since: Date.now(),
    by: "person",
    reason: { code: "paused", message: "paused" },
  });
  const email = "ada@example.com";
  const lead = (await gateway.post(aPerson({ email, marketing_consent: "on" }))) as LeadId;
  const other = (await gateway.post(aPerson({ email, marketing_consent: "on" }))) as LeadId;
  const page = await withdrawPage(lead);
  const done = await page.press({ purpose: "marketing" });
  const keep = personPage(gateway.url, new URL(formAction(done) ?? "", page.url).href);
  expect((await keep.look()).body).toContain(wording);
  expect((await standing(lead)).marketing).toBe("withdrawn");
  expect((await keep.press()).body).toContain("Your consent is kept");
  expect([(await standing(lead)).marketing, (await standing(other)).marketing]).toEqual(["granted", "granted"]);
  await gateway.delivery(lead, "list", "pending");
  const { lead: kept } = await gateway.record(lead);
  expect(kept.consents.at(-1)).toMatchObject({ action: "granted", source: "link", text: wording });
  expect((await keep.press()).body).toContain("This cannot be taken back any more");
});

test("after an hour, or after another withdrawal, it cannot be taken back", async () => {
  await start();
  const lead = await aLeadDelivered();
  const { options, consent } = gateway.gateway;
  const hourAgo = Date.now() - 3_600_000;
  const keepPage = (at: number, now: number) => {
    const links = createPersonLinks({ secrets: secretsOf(options), publicUrl: options.publicUrl, now: () => now });
    return personPage(gateway.url, `https://e.example/u/${links.keep(lead, ["marketing"], at)}`);
  };
  await consent.withdraw(lead, { purpose: "marketing", source: "link", at: hourAgo }, aClerk);
  expect((await keepPage(hourAgo, hourAgo).press()).body).toContain("cannot be taken back any more");
  await consent.grant(lead, { purpose: "marketing", source: "api" }, aClerk);
  await consent.withdraw(lead, { purpose: "marketing", source: "api" }, aClerk);
  expect((await keepPage(hourAgo, Date.now()).press()).body).toContain("cannot be taken back any more");
  expect((await standing(lead)).marketing).toBe("withdrawn");
});

test("the page says nothing that came with a form post: neither a wording nor a purpose's name", async () => {
  gateway = await aGateway({ variables: { PUBLIC_URL: "https://leads.example.com" } });
  const lure = "Your account is blocked: call 0900";
  const lead = await gateway.post(aPerson({ _consent_text: lure, _consent: { [lure]: true } }));
  const page = await withdrawPage(lead);
  const { body } = await page.look();
  const shown = body.replace(/value="[^"]*"/g, "");
  expect(shown).not.toContain("0900");
  expect(shown).toContain("Another purpose");
  await page.press({ purpose: lure });
  expect((await standing(lead))[lure]).toBe("withdrawn");
});

test("a consent given by command or API releases what waited for it, and keeps its wording", async () => {
  await start({ list: able({ purpose: "marketing" }) });
  const lead = (await gateway.post(aPerson())) as LeadId;
  await gateway.delivery(lead, "list", "withheld");
  const given = { purpose: "marketing", source: "api", text: "By telephone.", locale: "en" } as const;
  const { released } = await gateway.gateway.consent.grant(lead, given, aClerk);
  expect(released).toHaveLength(1);
  await gateway.delivery(lead, "list", "delivered");
  expect((await gateway.record(lead)).lead.consents.at(-1)).toMatchObject({ ...given, action: "granted" });
});

test("neither an unknown lead nor an erased one can be decided about", async () => {
  await start();
  const lead = await aLeadDelivered();
  const request = { tombstones: [], now: Date.now(), actor: aClerk, followUps: () => [] };
  await gateway.gateway.ledger.erase([lead], request);
  const unknown = "lead_019ab000-0000-7000-8000-000000000000";
  await expect(withdraw(unknown, "marketing")).rejects.toMatchObject({ code: "unknown_lead" });
  await expect(withdraw(lead, "marketing")).rejects.toMatchObject({ code: "erased" });
});

function customerMails(): ReceivedMail[] {
  return sandbox.mail.inbox.filter(({ mail }) => mail.headers.some(({ value }) => value === "customer-confirmation"));
}

function headerOf({ mail }: ReceivedMail, name: string): string | undefined {
  return mail.headers.find(({ key }) => key === name)?.value;
}

function smtp() {
  return { smtpUrl: sandbox.mail.url, from: "Northlight <hello@northlight.example>" };
}

test("the mail to the person has a link to withdraw, in both its parts, when there is something to withdraw", async () => {
  await start({ "mail-customer": mailCustomer(smtp()) });
  const lead = await aLeadDelivered();
  const [mail] = customerMails();
  const link = /https:\/\/leads\.example\.com\/u\/[\w.-]+/.exec(mail?.mail.text ?? "")?.[0] ?? "no link";
  expect(mail?.mail.html).toContain(link);
  expect(mail && headerOf(mail, "list-unsubscribe")).toBeUndefined();
  await personPage(gateway.url, link).press({ purpose: "enquiry" });
  expect((await standing(lead)).enquiry).toBe("withdrawn");
  await gateway.post({ email: "grace@example.com" });
  await expect.poll(() => customerMails().length).toBe(2);
  expect(customerMails()[1]?.mail.text).not.toContain("/u/");
});

test("a marketing mail has an unsubscribe button: List-Unsubscribe with one click, whole and unbroken", async () => {
  await start({ "mail-customer": mailCustomer({ ...smtp(), purpose: "marketing", basis: "consent" }) });
  const lead = await aLeadDelivered();
  const [mail] = customerMails();
  const [, link = "no link"] =
    /^<(https:\/\/leads\.example\.com\/u\/[\w.-]+)>$/.exec((mail && headerOf(mail, "list-unsubscribe")) ?? "") ?? [];
  expect(mail && headerOf(mail, "list-unsubscribe-post")).toBe("List-Unsubscribe=One-Click");
  await personPage(gateway.url, link).press({ "List-Unsubscribe": "One-Click" });
  expect(await standing(lead)).toEqual({ enquiry: "granted", marketing: "withdrawn" });
});
