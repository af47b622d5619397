import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { mailCustomer, mailTeam } from "../../src/destinations/index.ts";
import { bodyText, headerText } from "../../src/destinations/mail/address.ts";
import { defanged } from "../../src/destinations/mail/defang.ts";
import type { DeliveryContext } from "../../src/model/destination.ts";
import { deliveryIdOf } from "../../src/model/id.ts";
import type { Lead } from "../../src/model/lead.ts";
import { type ReceivedMail, type Sandbox, startSandbox } from "../../src/sandbox/index.ts";
import { aConsent, aLead } from "../support/a-lead.ts";
import { openBrowser } from "../support/chromium.ts";
import { injections } from "../support/injection-corpus.ts";
import { noLinks } from "../support/no-links.ts";

let sandbox: Sandbox;
let browser: Browser;
/** The mail to the team for each string of the corpus, and one for a harmless string. */
let teamMails: ReceivedMail[];
let customerMails: ReceivedMail[];
let harmless: ReceivedMail | undefined;

beforeAll(async () => {
  [sandbox, browser] = await Promise.all([startSandbox(), openBrowser()]);
  const options = { smtpUrl: sandbox.mail.url, from: "Example <hello@example.com>" };
  const team = mailTeam.definition.options.parse({ ...options, to: "team@example.com, two@example.com" });
  const customer = mailCustomer.definition.options.parse(options);
  teamMails = await deliverAll(injections, (lead, context) => mailTeam.definition.deliver?.(lead, team, context));
  [harmless] = await deliverAll(["harmless"], (lead, context) => mailTeam.definition.deliver?.(lead, team, context));
  customerMails = await deliverAll(["harmless", ...injections], (lead, context) =>
    mailCustomer.definition.deliver?.(lead, customer, context),
  );
  await mailTeam.definition.close?.(team);
  await mailCustomer.definition.close?.(customer);
});

afterAll(() => Promise.all([sandbox.close(), browser.close()]));

test("no string of the corpus adds a header, a recipient or a part", () => {
  for (const received of [...teamMails, ...customerMails]) {
    const { mail, envelope } = received;
    const team = headerNames(received).includes("reply-to");
    expect(headerNames(received)).toEqual(team ? teamHeaders : teamHeaders.filter((name) => name !== "reply-to"));
    expect(envelope).toEqual({
      from: "hello@example.com",
      to: team ? ["team@example.com", "two@example.com"] : ["visitor@example.com"],
    });
    expect(mail.from).toEqual({ name: "Example", address: "hello@example.com" });
    expect(mail.to?.map(({ address }) => address)).toEqual(envelope.to);
    expect(mail.attachments).toEqual([]);
    if (team) expect(mail.replyTo?.map(({ address }) => address)).toEqual(["visitor@example.com"]);
  }
});

test("the subject is one line and says what was typed, as far as a header may", () => {
  for (const [index, { mail }] of teamMails.entries()) {
    const name = defanged(headerText(injections[index] ?? "", 60));
    expect(mail.subject).toBe(`[${name}] New enquiry${name === "" ? "" : ` from ${name}`}`);
  }
});

test("the mail to the person does not depend on anything typed", () => {
  const [first, ...others] = customerMails;
  for (const { mail } of others) {
    expect(mail.html).toBe(first?.mail.html);
    expect(mail.text).toBe(first?.mail.text);
    expect(mail.subject).toBe(first?.mail.subject);
  }
});

test("to a browser every mail has the elements, attributes and addresses of a harmless one", async () => {
  const [expected, ...actual] = await asBrowsersSee([harmless, ...teamMails]);
  for (const [index, { structure }] of actual.entries()) {
    expect([injections[index], structure]).toEqual([injections[index], expected?.structure]);
  }
});

test("what was typed stands in both parts alike, and nothing of it can be made a link of", async () => {
  const seen = await asBrowsersSee(teamMails);
  for (const [index, { mail }] of teamMails.entries()) {
    const [line = ""] = defanged(bodyText(injections[index] ?? ""))
      .trim()
      .split("\n");
    const ownLink = /mailto:visitor@example\.com\S*/g;
    for (const shown of [mail.text?.replaceAll(ownLink, "") ?? "", seen[index]?.text ?? ""]) {
      expect(shown).toContain(line.slice(0, 500));
      expect(shown).not.toMatch(/https?:\/\/|\bwww\.|\bjavascript:|\bdata:text/i);
    }
  }
});

/** What a browser makes of the HTML parts: their elements, line breaks left out, with all attributes; and their text. */
async function asBrowsersSee(
  mails: readonly (ReceivedMail | undefined)[],
): Promise<{ structure: string; text: string }[]> {
  const page = await browser.newPage();
  const seen = await page.evaluate(
    (sources) =>
      sources.map((source) => {
        const parsed = new DOMParser().parseFromString(source, "text/html");
        const structure = [...parsed.querySelectorAll("*")].map(
          ({ localName, attributes }) => `${localName} ${[...attributes].map(({ name, value }) => `${name}=${value}`)}`,
        );
        return { structure: structure.join("\n"), text: parsed.body.textContent };
      }),
    mails.map((received) => received?.mail.html?.replaceAll("<br>", "\n") ?? ""),
  );
  await page.close();
  return seen;
}

/** As much of the browser's DOM as is used above. */
type SeenElement = { localName: string; attributes: Iterable<{ name: string; value: string }> };
declare const DOMParser: new () => {
  parseFromString(
    source: string,
    type: "text/html",
  ): { querySelectorAll(selector: string): Iterable<SeenElement>; body: { textContent: string } };
};

const teamHeaders = [
  "auto-submitted",
  "content-type",
  "date",
  "from",
  "message-id",
  "mime-version",
  "reply-to",
  "subject",
  "to",
  "x-auto-response-suppress",
  "x-leadkeep-mail",
];

function headerNames({ mail }: ReceivedMail): string[] {
  return mail.headers.map(({ key }) => key).sort();
}

/** Delivers a lead that has the string everywhere a visitor can put one; the mails come back in the order of the strings. */
async function deliverAll(
  texts: readonly string[],
  deliver: (lead: Lead, context: DeliveryContext) => Promise<unknown> | undefined,
): Promise<ReceivedMail[]> {
  const before = sandbox.mail.received.length;
  const outcomes = await Promise.all(
    texts.map((text, index) => {
      const lead = hostileLead(text);
      const context = {
        deliveryId: deliveryIdOf(`lead_${String(before + index).padStart(6, "0")}`, "mail"),
        purpose: "enquiry",
        links: noLinks,
        progress: null,
        signal: AbortSignal.timeout(60_000),
        now: Date.now,
        save: async () => {},
      };
      return deliver(lead, context as unknown as DeliveryContext);
    }),
  );
  expect(outcomes.every((one) => JSON.stringify(one).includes('"delivered"'))).toBe(true);
  return sandbox.mail.received
    .slice(before)
    .sort((a, b) => String(a.mail.messageId).localeCompare(String(b.mail.messageId)));
}

function hostileLead(text: string): Lead {
  return aLead({
    id: "lead_019ab000-0000-7000-8000-000000000000",
    email: "visitor@example.com",
    phone: `x${text}`,
    name: text,
    firstName: text,
    lastName: text,
    company: `at ${text}`,
    message: text,
    timezone: text,
    formName: text,
    userAgent: text,
    formData: { [`field ${text}`]: `value ${text}`, list: ["one", text], nested: { [text]: text } },
    attribution: { url: `p ${text}`, referrer: `r ${text}`, parameters: { utm_source: `u ${text}` }, from: "fields" },
    consents: [aConsent({ text: `t ${text}`, version: text, pageUrl: text })],
  });
}
