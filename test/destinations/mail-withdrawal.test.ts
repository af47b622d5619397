import { afterEach, beforeEach, expect, test } from "vitest";
import { mailTeam } from "../../src/destinations/index.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/index.ts";
import { aToldDestination } from "../support/a-follow-up.ts";
import { aConsent, aLead, aMoment } from "../support/a-lead.ts";

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await startSandbox();
});
afterEach(() => sandbox.close());

const granted = aConsent({ purpose: "marketing" });
const withdrawn = aConsent({ purpose: "marketing", action: "withdrawn", at: aMoment + 60_000, text: null });

async function told(options: Partial<Parameters<typeof mailTeam>[0]> = {}, given: Parameters<typeof aLead>[0] = {}) {
  const lead = aLead({ name: "Ada Lovelace", message: "typed once", consents: [granted, withdrawn], ...given });
  const from = "Northlight <hello@northlight.example>";
  const spec = mailTeam({ smtpUrl: sandbox.mail.url, from, to: "team@northlight.example", ...options });
  const { destination, withdraw } = aToldDestination("mail-team", spec);
  const outcome = await withdraw(lead, "marketing");
  await destination.close?.();
  const [one] = sandbox.mail.inbox;
  return { lead, outcome, envelope: one?.envelope, mail: one?.mail };
}

test("the team is told to stop: who, what for, since when, and how to find the lead", async () => {
  const { lead, outcome, envelope, mail } = await told({ consoleUrl: "https://leads.example.com/console/" });
  const id = `<dlv_${lead.id.slice(5)}_mail-team_withdrawn-1@northlight.example>`;
  expect(outcome).toEqual({ type: "delivered", ref: id });
  expect(envelope).toEqual({ from: "hello@northlight.example", to: ["team@northlight.example"] });
  expect(mail?.subject).toBe("[Contact] Ada Lovelace has withdrawn consent for marketing");
  expect(mail?.headers.find(({ key }) => key === "x-leadkeep-mail")?.value).toBe("consent-withdrawal");
  expect(mail?.replyTo).toBeUndefined();
  for (const text of [mail?.text, mail?.html]) {
    for (const said of ["take them off every list", "marketing", "24 November 2026", lead.email ?? "", lead.id])
      expect(text).toContain(said);
    expect(text).toContain(`https://leads.example.com/console/leads/${lead.id}`);
    expect(text).not.toContain("typed once");
  }
});

test("in German where the team reads German", async () => {
  const { mail } = await told({ language: "de" });
  expect(mail?.subject).toBe("[Contact] Ada Lovelace hat die Einwilligung in marketing widerrufen");
  expect(mail?.text).toContain("Bitte verwenden Sie die Angaben dieser Person nicht mehr dafür");
});

test("a person without a name is told of without one, and a hostile name stays text", async () => {
  expect((await told({}, { name: null })).mail?.subject).toBe("[Contact] Consent for marketing was withdrawn");
  sandbox.reset();
  const { mail } = await told({}, { name: "{purpose}\r\nBcc: all@example.com https://evil.example" });
  expect(mail?.bcc).toBeUndefined();
  expect(mail?.subject).toContain("{purpose}");
  expect(mail?.html).not.toContain("https://evil.example");
});

test("a template of one's own is for leads: a withdrawal is still told as one", async () => {
  const { mail } = await told({ template: () => ({ subject: "New", html: "<p>New</p>", text: "New" }) });
  expect(mail?.subject).toContain("has withdrawn consent");
});

test("an erasure is for a person, who is told what to look for", () => {
  const spec = mailTeam({
    smtpUrl: "smtp://127.0.0.1:9",
    from: "hello@northlight.example",
    to: "team@northlight.example",
  });
  const { destination } = aToldDestination("mail-team", spec);
  expect(destination.erase).toBeNull();
  expect(destination.byHand).toMatch(/mailboxes for the lead's id/);
});

test.each([
  ["en", "asked, waits for confirmation"],
  ["de", "erbeten, wartet auf Bestätigung"],
])("a consent that waits for its confirmation is shown as such: %s", async (language, words) => {
  const requested = aConsent({ purpose: "newsletter", action: "requested" });
  const { mail } = await told({ language }, { consents: [granted, withdrawn, requested] });
  expect(mail?.text).toContain(words);
});
