import { afterEach, beforeEach, expect, test } from "vitest";
import * as z from "zod";
import type { LeadkeepConfig } from "../../src/config/config.ts";
import { secretsOf } from "../../src/config/secret-file.ts";
import { hubspot, pipedrive, zapier } from "../../src/destinations/index.ts";
import { deliveriesOf } from "../../src/intake/compose-lead.ts";
import { defineDestination } from "../../src/model/destination.ts";
import type { LeadId } from "../../src/model/id.ts";
import type { Lead } from "../../src/model/lead.ts";
import { createPersonLinks } from "../../src/privacy/person-links.ts";
import { type ReceivedMail, type Sandbox, startSandbox } from "../../src/sandbox/index.ts";
import { aGateway, aPerson, type TestGateway } from "../support/a-gateway.ts";
import { aConsent, aLead } from "../support/a-lead.ts";
import { personPage } from "../support/a-person-page.ts";
import { until } from "../support/until.ts";

const day = 86_400_000;
let sandbox: Sandbox;
let gateway: TestGateway;
let listed: Lead[];

const mailingList = defineDestination({
  kind: "mailing-list",
  label: "Mailing list",
  options: z.strictObject({}),
  purpose: "marketing",
  async deliver(lead) {
    listed.push(lead);
    return { type: "delivered" };
  },
});

const wording = "Send me news, once a month at most.";
const config: LeadkeepConfig = {
  forms: {
    contact: {
      version: "3",
      consents: [
        { field: "consent", purpose: "enquiry", text: "You may answer me." },
        {
          field: "news",
          purpose: "marketing",
          text: wording,
          version: "2026-11",
          locale: "en",
          recipients: ["Example Mailing Ltd"],
          confirm: "double-opt-in",
        },
        { field: "news", purpose: "marketing", text: "Schickt mir <Neues>.", locale: "de", confirm: "double-opt-in" },
      ],
    },
  },
  destinations: { list: mailingList({}) },
};

beforeEach(async () => {
  sandbox = await startSandbox();
  listed = [];
  gateway = await aGateway({
    config,
    variables: mailing(),
  });
});

function mailing() {
  return {
    SMTP_URL: sandbox.mail.url,
    MAIL_FROM: "Northlight <hello@northlight.example>",
    MAIL_TO: "team@northlight.example",
    PUBLIC_URL: "https://leads.example.com",
  };
}

afterEach(async () => {
  await gateway.close();
  await sandbox.close();
});

function mails(kind = "consent-confirmation"): ReceivedMail[] {
  return sandbox.mail.inbox.filter(({ mail }) => mail.headers.some(({ value }) => value === kind));
}

function linkIn({ mail }: ReceivedMail): string {
  return /https:\/\/leads\.example\.com\/c\/[\w.-]+/.exec(mail.text ?? "")?.[0] ?? "no link";
}

/** Posts a form with the box ticked, and gives the page the mail leads to. */
async function asked(fields: Record<string, unknown> = {}) {
  const lead = await gateway.post(aPerson({ news: "on", ...fields }));
  await gateway.delivery(lead, "mail-confirmation", "delivered");
  const mail = mails().at(-1) as ReceivedMail;
  return { lead: lead as LeadId, mail, page: personPage(gateway.url, linkIn(mail)) };
}

async function marketing(lead: string) {
  const { lead: kept } = await gateway.record(lead);
  return kept.consents.filter(({ purpose }) => purpose === "marketing");
}

/** The page behind a link of the same lead that was mailed a while ago. */
async function pageOfOldLink(lead: string, ageMs: number) {
  const { options } = gateway.gateway;
  const { publicUrl } = options;
  const links = createPersonLinks({ secrets: secretsOf(options), publicUrl, now: () => Date.now() - ageMs });
  return personPage(gateway.url, links.confirm((await gateway.record(lead)).lead) ?? "no link");
}

test("the enquiry goes to the team at once; only what needs the confirmation waits", async () => {
  const { lead } = await asked();
  await gateway.delivery(lead, "mail-team", "delivered");
  const { reason } = await gateway.delivery(lead, "list", "withheld");
  expect(reason?.code).toBe("awaiting_confirmation");
  expect(listed).toEqual([]);
});

test("the mail repeats the wording and who is named, leads to the page, and has nothing that was typed", async () => {
  const { lead, mail } = await asked({ message: "Call me", name: "Ada Lovelace" });
  const { lead: kept } = await gateway.record(lead);
  expect(mail.envelope.to).toEqual([kept.email]);
  for (const part of [mail.mail.text, mail.mail.html]) {
    for (const said of [wording, "Example Mailing Ltd", linkIn(mail), "7 days"]) expect(part).toContain(said);
    expect(part).not.toMatch(/Ada|Call me/);
  }
  expect(mail.mail.headers.find(({ key }) => key === "auto-submitted")?.value).toBe("auto-replied");
});

test("the mail's Message-ID is the delivery's, so that a repeat is seen once", async () => {
  const { lead, mail } = await asked();
  const { id } = await gateway.delivery(lead, "mail-confirmation", "delivered");
  expect(mail.mail.messageId).toBe(`<${id}@northlight.example>`);
});

test("the mail is in the language of the wording", async () => {
  const { mail } = await asked({ _locale: "de-AT" });
  expect(mail.mail.subject).toBe("Bitte bestätigen Sie Ihre Einwilligung | Northlight");
  expect(mail.mail.text).toContain("Schickt mir <Neues>.");
});

test("no confirmation is asked for when the box was left alone", async () => {
  const lead = await gateway.post(aPerson());
  await gateway.delivery(lead, "mail-team", "delivered");
  expect((await gateway.record(lead)).deliveries.map(({ destination }) => destination)).not.toContain(
    "mail-confirmation",
  );
});

test("looking at the page, as mail scanners do, confirms nothing", async () => {
  const { lead, page } = await asked();
  for (let look = 0; look < 3; look += 1) expect((await page.look()).status).toBe(200);
  expect((await (await fetch(page.url, { method: "HEAD" })).text()).length).toBe(0);
  expect((await marketing(lead)).map(({ action }) => action)).toEqual(["requested"]);
});

test("the page shows the wording and a button, and lets nothing out", async () => {
  const { page } = await asked();
  const { headers, body } = await page.look();
  expect(body).toContain(wording);
  expect(body).toContain("<button>Yes, I agree</button>");
  expect(body).not.toMatch(/<script|@example\.com|Ada/);
  expect(headers).toMatchObject({
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-robots-tag": "noindex, nofollow",
    "content-security-policy": expect.stringMatching(
      /^default-src 'none'; style-src 'sha256-[^']+'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'$/,
    ),
  });
});

test("the page speaks German to who reads German, and says so", async () => {
  const { page } = await asked({ _locale: "de" });
  const { body } = await page.look({ "accept-language": "fr, de-AT;q=0.9, en;q=0.8" });
  expect(body).toContain('<html lang="de">');
  expect(body).toContain("<button>Ja, ich stimme zu</button>");
  expect(body).toContain("Schickt mir &lt;Neues&gt;.");
});

test("the button confirms: the consent keeps the wording it was requested with, and what waited goes out", async () => {
  const { lead, page } = await asked();
  expect((await page.press()).body).toContain("Thank you, that is confirmed");
  await gateway.delivery(lead, "list", "delivered");
  const [requested, granted] = await marketing(lead);
  expect(granted).toEqual({ ...requested, action: "granted", source: "confirmation", at: expect.any(Number) });
  expect(granted).toMatchObject({ text: wording, version: "2026-11", formVersion: "3", locale: "en" });
  expect(listed).toHaveLength(1);
});

test("a link works once", async () => {
  const { lead, page } = await asked();
  await Promise.all([page.press(), page.press()]);
  expect((await page.press()).body).toContain("Confirmed already");
  expect((await page.look()).body).toContain("Confirmed already");
  expect(await marketing(lead)).toHaveLength(2);
});

test("a confirmation after a withdrawal gives nothing back", async () => {
  const { lead, page } = await asked();
  await gateway.gateway.consent.withdraw(lead, { purpose: "marketing", source: "command" }, aClerk);
  expect((await page.press()).body).toContain("You have withdrawn this");
  expect((await marketing(lead)).map(({ action }) => action)).toEqual(["requested", "withdrawn"]);
});

test("after seven days the link has expired: its button sends a new one, which works", async () => {
  const { lead } = await asked();
  const page = await pageOfOldLink(lead, 7 * day);
  const { body } = await page.press();
  expect(body).toContain("This link has expired");
  expect(body).toContain("<button>Send a new link</button>");
  expect((await page.press({ resend: "1" })).body).toContain("A new link is on its way");
  const second = await until(() => mails()[1]);
  expect(await marketing(lead)).toHaveLength(1);
  await personPage(gateway.url, linkIn(second)).press();
  expect((await marketing(lead)).at(-1)?.action).toBe("granted");
});

test("a lead gets three of these mails at most, and the page says so", async () => {
  const { lead } = await asked();
  const page = await pageOfOldLink(lead, 8 * day);
  const said = [];
  for (let press = 0; press < 4; press += 1) said.push((await page.press({ resend: "1" })).body);
  expect(said.map((body) => /<h1>(.*)<\/h1>/.exec(body)?.[1])).toEqual([
    "A new link is on its way",
    "A new link is on its way",
    "No more links can be sent",
    "No more links can be sent",
  ]);
  await until(() => mails().length === 3);
  const ids = (await gateway.record(lead)).deliveries.map(({ id }) => id).filter((id) => id.includes("confirmation"));
  expect(ids.map((id) => id.slice(41)).sort()).toEqual([
    "mail-confirmation",
    "mail-confirmation_confirm-1",
    "mail-confirmation_confirm-2",
  ]);
});

test("a new link cannot be had before the old one has expired, nor once it was used", async () => {
  const { lead, page } = await asked();
  const old = await pageOfOldLink(lead, 8 * day);
  expect((await page.press({ resend: "1" })).body).toContain("Thank you, that is confirmed");
  expect((await old.press({ resend: "1" })).body).toContain("Confirmed already");
  expect(mails()).toHaveLength(1);
});

test("a person who fills in the form again gets no second mail that day, and one press confirms both", async () => {
  const email = "ada@example.com";
  const first = await asked({ email });
  const second = await gateway.post(aPerson({ news: "on", email }));
  const { reason } = await gateway.delivery(second, "mail-confirmation", "cancelled");
  expect(reason?.code).toBe("once_per_person");
  await first.page.press();
  await gateway.delivery(second, "list", "delivered");
});

test("one press confirms only what was asked in the same words", async () => {
  const email = "ada@example.com";
  const first = await asked({ email });
  const other = await gateway.post(aPerson({ news: "on", email, _locale: "de" }));
  await first.page.press();
  expect((await marketing(other)).map(({ action }) => action)).toEqual(["requested"]);
});

test("a lead without a mail address says that nobody can confirm it", async () => {
  const lead = await gateway.post({ phone: "+44 20 7946 0018", news: "on" });
  const { warnings } = await gateway.delivery(lead, "mail-confirmation", "delivered");
  expect(warnings).toEqual(["no mail was sent: the person gave no mail address, so nobody can confirm"]);
});

test("a mail that comes late, when all was confirmed meanwhile, is not sent", async () => {
  await gateway.gateway.ledger.pause({
    destination: "mail-confirmation",
    since: Date.now(),
    by: "person",
    reason: { code: "paused", message: "paused" },
  });
  const lead = (await gateway.post(aPerson({ news: "on" }))) as LeadId;
  await gateway.gateway.consent.grant(lead, { purpose: "marketing", source: "command" }, aClerk);
  await gateway.gateway.ledger.resume("mail-confirmation", { now: Date.now(), actor: aClerk });
  const { warnings } = await gateway.delivery(lead, "mail-confirmation", "delivered");
  expect(warnings).toEqual(["no mail was sent: nothing waits for a confirmation any more"]);
  expect(mails()).toEqual([]);
});

test("whatever is wrong with a token, the answer is the same", async () => {
  const { page, lead } = await asked();
  const token = page.url.split("/").at(-1) ?? "";
  const tokens = [`c/${token.replace(/^./, "x")}`, `c/${token}0`, "c/nonsense", `u/${token}`, "c/%00", `c/${lead}`];
  const answers = await Promise.all(tokens.map((one) => personPage(gateway.url, `https://e.example/${one}`).look()));
  expect(new Set(answers.map(({ status, body }) => `${status} ${body}`)).size).toBe(1);
  expect(answers[0]?.status).toBe(404);
});

test("a lead of which nothing is kept any more is answered with that", async () => {
  const { lead, page } = await asked();
  const request = { tombstones: [], now: Date.now(), actor: aClerk, followUps: () => [] };
  await gateway.gateway.ledger.erase([lead], request);
  expect((await page.look()).body).toContain("Nothing is kept of you any more");
  expect((await page.press()).body).toContain("Nothing is kept of you any more");
});

test("a page takes nothing but a look and a press, and not a long or strange body", async () => {
  const { lead, page } = await asked();
  expect((await fetch(page.url, { method: "DELETE" })).status).toBe(405);
  expect((await page.press({ a: "x".repeat(20_000) })).status).toBe(400);
  expect((await fetch(page.url, { method: "POST", body: "{", headers: { "content-type": "text/plain" } })).status).toBe(
    400,
  );
  expect(await marketing(lead)).toHaveLength(1);
});

test("the pages stand under any prefix the handler is mounted at", async () => {
  const { lead, page } = await asked();
  const url = `https://example.com/api/leads${new URL(page.url).pathname}`;
  const look = await gateway.gateway.handler(new Request(url));
  expect(await look.text()).toContain(wording);
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  expect((await gateway.gateway.handler(new Request(url, { method: "POST", body: "", headers }))).status).toBe(200);
  expect((await marketing(lead)).at(-1)?.action).toBe("granted");
});

test("a lead held back as suspected spam is asked for nothing until it is released", async () => {
  const lead = aLead({ state: "quarantined", consents: [aConsent({ purpose: "marketing", action: "requested" })] });
  const deliveries = deliveriesOf(lead, gateway.gateway.options.destinations);
  expect(new Set(deliveries.map(({ state, reason }) => `${state} ${reason?.code}`))).toEqual(
    new Set(["withheld quarantined"]),
  );
  await gateway.gateway.ledger.accept({ lead, deliveries, key: null });
  await gateway.gateway.ledger.releaseLeads([lead.id], { now: Date.now(), actor: aClerk });
  await gateway.delivery(lead.id, "mail-confirmation", "delivered");
  expect(mails()).toHaveLength(1);
});

test("a destination whose own judgement throws costs no lead: it gets its delivery", () => {
  const need = { purpose: "enquiry", basis: "answering-the-enquiry" } as const;
  const wants = () => {
    throw new Error("a bug");
  };
  expect(deliveriesOf(aLead(), [{ id: "crm", kind: "crm", need, wants }])).toMatchObject([{ state: "pending" }]);
});

test("a CRM that got the enquiry before the confirmation is told of it: both subscribe the person, once", async () => {
  const { hubspot: hs, pipedrive: pd, zapier: zap } = sandbox.vendors;
  Object.assign(pd.settings, { campaigns: true, limits: false, searchLagMs: 0 });
  const crms = await aGateway({
    config: {
      ...config,
      destinations: {
        hubspot: hubspot({
          accessToken: "token",
          baseUrl: hs.url,
          formsBaseUrl: hs.url,
          subscriptions: { marketing: 42 },
        }),
        pipedrive: pipedrive({ apiToken: "token", baseUrl: pd.url }),
        zapier: zapier({ url: zap.url }),
      },
    },
    variables: mailing(),
  });
  try {
    const email = "ada@example.com";
    const lead = await crms.post(aPerson({ consent: "on", news: "on", email }));
    for (const id of ["hubspot", "pipedrive", "zapier", "mail-confirmation"])
      await crms.delivery(lead, id, "delivered");
    expect(hs.own.subscriptions.of(email, 42)).toBeUndefined();
    expect(pd.own.persons.map((one) => one.marketing_status)).toEqual(["no_consent"]);

    await personPage(crms.url, linkIn(mails().at(-1) as ReceivedMail)).press();
    const told = async () => (await crms.record(lead)).deliveries.filter(({ event }) => event === "consent.granted");
    await until(async () => (await told()).filter(({ state }) => state === "delivered").length === 2);
    expect((await told()).map(({ destination, warnings }) => [destination, warnings])).toEqual([
      ["hubspot", []],
      ["pipedrive", []],
    ]);
    expect(hs.own.subscriptions.of(email, 42)).toMatchObject({ status: "SUBSCRIBED", ground: wording });
    expect(pd.own.persons.map((one) => one.marketing_status)).toEqual(["subscribed"]);
    const changes = [
      ...hs.received.filter(({ method, path }) => method === "POST" && path.includes("/statuses/")),
      ...pd.received.filter(({ method }) => method === "PATCH"),
    ];
    expect([changes.length, hs.own.all("contacts").length, zap.received.length]).toEqual([2, 1, 1]);
  } finally {
    await crms.close();
  }
});

const aClerk = { type: "command", name: "test" } as const;
