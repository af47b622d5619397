import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { secretsOf } from "../../src/config/secret-file.ts";
import { createPersonLinks } from "../../src/privacy/person-links.ts";
import { aConsole, type TestConsole } from "../console/support/a-console.ts";
import { aConsent, aLead, anEntry } from "../support/a-lead.ts";
import { htmlInjections } from "../support/injection-corpus.ts";

/** One lead holds so many strings of the corpus. */
const groupSize = 24;
const groups = Array.from({ length: Math.ceil(htmlInjections.length / groupSize) }, (_, n) =>
  htmlInjections.slice(n * groupSize, (n + 1) * groupSize),
);

let console: TestConsole;
let page: Page;
let leads: string[];
/** What a script that got to run would do, and what the page's policy kept from happening: nothing of either is to be. */
const events: string[] = [];

/** Everything a visitor can set, in one submission. */
function hostile(group: readonly string[]): Record<string, unknown> {
  const [first = "", second = "", third = ""] = group;
  return {
    email: "ada@example.com",
    consent: "on",
    name: first,
    company: second,
    message: group.join("\n"),
    timezone: third,
    ...Object.fromEntries(group.map((one, n) => [`${n} ${one}`, one])),
    list: group,
    nested: Object.fromEntries(group.map((one) => [one, { [one]: one }])),
    page_url: `https://example.com/${first}?utm_term=${encodeURIComponent(second)}`,
    referrer: `https://example.com/?${third}`,
    utm_source: first,
    utm_campaign: group.join(" "),
    gclid: second,
    _consent_text: group.join(" "),
  };
}

beforeAll(async () => {
  // Nothing is held back, so that each is where most is shown of it.
  console = await aConsole({ variables: { LEADKEEP_LAWFUL_BASIS: "contract" } });
  leads = [];
  for (const group of groups) {
    const headers = {
      "content-type": "application/json",
      "user-agent": (group[0] ?? "").replaceAll(/[^\x20-\x7e]/g, ""),
      referer: "https://example.com/<script>alert(1)</script>",
    };
    const body = JSON.stringify(hostile(group));
    const answer = await fetch(`${console.gateway.url}/f/contact`, { method: "POST", headers, body });
    leads.push(((await answer.json()) as { lead_id: string }).lead_id);
  }
  // As no form lets it in: what the ledger holds is trusted no more for that.
  const url = "javascript:pwned()";
  const attribution = { url, referrer: url, parameters: {}, from: "fields" as const };
  const consents = [aConsent({ pageUrl: url })];
  const entry = anEntry({ lead: aLead({ form: "contact", attribution, consents }), deliveries: [] });
  leads.push((await console.gateway.gateway.ledger.accept(entry)).leadId);
  page = await console.openForAll("/leads");
  page.on("dialog", (dialog) => {
    events.push(`dialog: ${dialog.message()}`);
    dialog.dismiss().catch(() => {});
  });
  page.on("request", (request) => {
    if (!request.url().startsWith(console.gateway.url)) events.push(`request: ${request.url()}`);
  });
  await page.exposeFunction("violated", (what: string) => void events.push(`policy: ${what}`));
  await page.addInitScript(
    `document.addEventListener("securitypolicyviolation", (event) => violated(event.violatedDirective + " " + event.blockedURI))`,
  );
}, 120_000);

afterAll(() => console.close());

/** What stands in the page that only a visitor can have brought in. */
function intruders(): Promise<string[]> {
  return page.evaluate(`(() => {
    const found = [];
    const names = new Set("IFRAME OBJECT EMBED BASE MARQUEE PLAINTEXT XMP MATH MTEXT VIDEO SOURCE X TEMPLATE".split(" "));
    for (const element of document.querySelectorAll("body *")) {
      const name = element.tagName.toUpperCase();
      if (names.has(name) || (name === "SCRIPT" && !element.src) || (name === "IMG" && !element.currentSrc.startsWith(location.origin))) found.push(name);
      for (const { name: attribute, value } of element.attributes) {
        if (attribute.startsWith("on")) found.push(name + " " + attribute);
        if (/^(?:href|src|action|formaction|data|srcdoc|xlink:href)$/.test(attribute) && /^[\\s\\x00-\\x1f]*(?:javascript|data|vbscript):/i.test(value)) found.push(name + " " + attribute + "=" + value);
      }
      if (name === "FORM" && new URL(element.action || location.href, location.href).origin !== location.origin) found.push("FORM " + element.action);
      if (name === "A" && element.href && !/^(?:https?|mailto|tel):$/.test(element.protocol)) found.push("A " + element.href);
    }
    if (document.title.includes("pwned")) found.push("title");
    return found;
  })()`);
}

async function expectInert(what: string): Promise<void> {
  expect([what, await intruders(), events, console.complaints]).toEqual([what, [], [], []]);
}

test("stored XSS: no string of the corpus does anything on any page of the console", async () => {
  const paths = ["", "leads", "quarantine", "destinations", "destinations/webhook", "dead-letters", "alerts"];
  const more = [
    "completeness",
    "forms",
    "activity",
    "people",
    "setup",
    `leads?q=${encodeURIComponent(htmlInjections[0] ?? "")}`,
  ];
  for (const path of [...paths, ...more, ...leads.map((lead) => `leads/${lead}`)]) {
    await page.goto(`${console.gateway.url}/console/${path}`);
    await page.locator("main h1, main h2").first().waitFor();
    if (path.startsWith("leads/")) {
      for (const button of await page.getByRole("button", { name: /^Show/ }).all())
        await button.click({ timeout: 2_000 }).catch(() => {});
    }
    await page.waitForLoadState("networkidle");
    await expectInert(path);
  }
}, 240_000);

test("stored XSS: it was shown, to the letter", async () => {
  await page.goto(`${console.gateway.url}/console/leads/${leads[0]}`);
  await page.getByText("<script>alert(1)</script>").first().waitFor();
});

test("reflected XSS: the page on which a form is corrected shows what was typed, and does nothing of it", async () => {
  for (const group of groups) {
    const { email, nested, list, ...fields } = hostile(group);
    await page.goto(`${console.gateway.url}/f/contact/thanks`);
    await page.evaluate(
      `((fields) => {
        const form = document.createElement("form");
        form.method = "post";
        form.action = "/f/contact";
        for (const [name, value] of Object.entries(fields)) {
          const input = document.createElement("textarea");
          input.name = name;
          input.value = value;
          form.append(input);
        }
        document.body.append(form);
        form.submit();
      })(${JSON.stringify(fields)})`,
    );
    await page.waitForURL("**/f/contact");
    await page.locator("[role=alert]").waitFor();
    await expectCorrection();
  }
});

/** The browser reports the answer itself; pages of forms are no pages of the console. */
async function expectCorrection(): Promise<void> {
  const found = (await intruders()).filter((one) => one !== "title");
  expect([found, events, console.complaints]).toEqual([[], [], []]);
}

test("stored XSS: the pages behind links in mails show wordings as text", async () => {
  const { gateway } = console.gateway;
  const links = createPersonLinks({
    secrets: secretsOf(gateway.options),
    publicUrl: console.gateway.url,
    now: Date.now,
  });
  for (const id of leads) {
    const { lead } = await console.gateway.record(id);
    const link = links.withdraw(lead);
    if (link === null) continue;
    await page.goto(link);
    await page.locator("h1").waitFor();
    await expectInert("withdraw");
  }
});
