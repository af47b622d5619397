import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { SMTPServer } from "smtp-server";
import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";
import { mailCustomer, mailTeam } from "../../src/destinations/index.ts";
import type { DeliveryContext } from "../../src/model/destination.ts";
import { deliveryIdOf } from "../../src/model/id.ts";
import type { Lead } from "../../src/model/lead.ts";
import { type MailFault, type ReceivedMail, type Sandbox, startSandbox } from "../../src/sandbox/index.ts";
import { aGateway, aPerson, type TestGateway, type TestGatewayOptions } from "../support/a-gateway.ts";
import { aLead } from "../support/a-lead.ts";
import { aConnection } from "../support/sqlite-file.ts";
import { until } from "../support/until.ts";

let sandbox: Sandbox;
let open: TestGateway[];

beforeEach(async () => {
  sandbox = await startSandbox();
  open = [];
});

afterEach(async () => {
  await Promise.all(open.map((gateway) => gateway.close()));
  await sandbox.close();
});

const from = "Northlight <hello@northlight.example>";

async function start({ variables, ...options }: TestGatewayOptions = {}): Promise<TestGateway> {
  const mail = { SMTP_URL: sandbox.mail.url, MAIL_FROM: from, MAIL_TO: "team@northlight.example" };
  const gateway = await aGateway({ ...options, variables: { ...mail, ...variables } });
  open.push(gateway);
  return gateway;
}

function inbox(mailKind: "lead-notification" | "customer-confirmation"): ReceivedMail[] {
  return sandbox.mail.inbox.filter((one) => header(one, "x-leadkeep-mail") === mailKind);
}

function header({ mail }: ReceivedMail, name: string): string | undefined {
  return mail.headers.find(({ key }) => key === name)?.value;
}

async function onlyTeam(fault: MailFault | null, variables: Record<string, string> = {}) {
  const gateway = await start({ variables });
  sandbox.mail.setFault(fault);
  // Without a mail address there is nobody to confirm to, and so only the mail to the team.
  const lead = await gateway.post({ phone: "+44 20 7946 0018" });
  return { gateway, lead };
}

test("with the documented variables alone a lead makes a mail to the team and one to the person", async () => {
  const gateway = await start();
  const lead = await gateway.post(aPerson({ message: "Call me", budget: "5,000", utm_source: "google" }));
  for (const id of ["mail-team", "mail-customer"]) await gateway.delivery(lead, id, "delivered");
  const [team] = inbox("lead-notification");
  const [customer] = inbox("customer-confirmation");
  const { lead: kept } = await gateway.record(lead);
  expect(team?.envelope).toEqual({ from: "hello@northlight.example", to: ["team@northlight.example"] });
  expect(team?.mail).toMatchObject({
    from: { name: "Northlight", address: "hello@northlight.example" },
    replyTo: [{ name: "Ada Lovelace", address: kept.email }],
    subject: "[contact] New enquiry from Ada Lovelace",
  });
  for (const said of ["Ada Lovelace", kept.email ?? "", "Call me", "5,000", "google", "enquiry", "given", lead]) {
    expect(team?.mail.text).toContain(said);
    expect(team?.mail.html).toContain(said);
  }
  expect(customer?.envelope).toEqual({ from: "hello@northlight.example", to: [kept.email] });
  expect(customer?.mail.to).toEqual([{ name: "", address: kept.email }]);
  expect(`${customer?.mail.html}${customer?.mail.text}`).not.toMatch(/Ada|Call me|5,000|google|contact/);
});

test("neither mail needs a consent, since both answer the enquiry", async () => {
  const gateway = await start();
  const lead = await gateway.post({ email: "ada@example.com" });
  const { history } = await gateway.delivery(lead, "mail-team", "delivered");
  await gateway.delivery(lead, "mail-customer", "delivered");
  expect(history.map(({ basis }) => basis)).toEqual(["answering-the-enquiry"]);
  expect(inbox("lead-notification")[0]?.mail.text).toContain("None on record");
});

test("machines are told not to answer, and the Message-ID is the delivery's", async () => {
  const gateway = await start();
  const lead = await gateway.post(aPerson());
  const { id, ref } = await gateway.delivery(lead, "mail-customer", "delivered");
  await gateway.delivery(lead, "mail-team", "delivered");
  const [team] = inbox("lead-notification");
  const [customer] = inbox("customer-confirmation");
  expect([customer?.mail.messageId, ref]).toEqual([`<${id}@northlight.example>`, `<${id}@northlight.example>`]);
  expect(customer && header(customer, "auto-submitted")).toBe("auto-replied");
  expect(team && header(team, "auto-submitted")).toBe("auto-generated");
  for (const one of [team, customer]) expect(one && header(one, "x-auto-response-suppress")).toBe("All");
});

test.each<[string, MailFault]>([
  ["450 at RCPT TO", { type: "reply", at: "rcpt", code: 450, text: "4.2.1 later", times: 2 }],
  ["451 after DATA", { type: "reply", at: "data", code: 451, text: "4.3.0 later", times: 2 }],
  ["421 on connecting", { type: "reply", at: "connect", code: 421, text: "4.3.2 busy", times: 2 }],
  ["a connection dropped at MAIL FROM", { type: "drop", at: "mail", times: 2 }],
  ["a mail dropped before it was taken whole", { type: "drop", at: "rcpt", times: 2 }],
])("%s is tried again until it works", async (_, fault) => {
  const { gateway, lead } = await onlyTeam(fault);
  const delivery = await gateway.delivery(lead, "mail-team", "delivered");
  expect(delivery.history.map(({ outcome }) => outcome)).toEqual(["retry", "retry", "delivered"]);
  expect(inbox("lead-notification")).toHaveLength(1);
});

test.each<[string, MailFault]>([
  ["550 at RCPT TO", { type: "reply", at: "rcpt", code: 550, text: "5.1.1 <team@northlight.example> unknown" }],
  ["554 after DATA", { type: "reply", at: "data", code: 554, text: "5.7.1 spam" }],
])("%s is a dead letter at once, with a reason that quotes no address", async (said, fault) => {
  const { gateway, lead } = await onlyTeam(fault);
  const delivery = await gateway.delivery(lead, "mail-team", "dead");
  expect(delivery.history.map(({ outcome }) => outcome)).toEqual(["rejected"]);
  expect(delivery.reason?.message).toMatch(
    said === "550 at RCPT TO" ? /^answered 550 5\.1\.1 at RCPT TO$/ : /^answered 554 5\.7\.1/,
  );
});

test("a lost 250 is uncertain, and the repeat carries the same Message-ID", async () => {
  const { gateway, lead } = await onlyTeam({ type: "drop", at: "data", applied: true, times: 1 });
  const delivery = await gateway.delivery(lead, "mail-team", "delivered");
  expect(delivery.history.map(({ outcome }) => outcome)).toEqual(["uncertain", "delivered"]);
  const ids = inbox("lead-notification").map(({ mail }) => mail.messageId);
  expect(ids).toEqual([`<${delivery.id}@northlight.example>`, `<${delivery.id}@northlight.example>`]);
  expect(inbox("lead-notification").map(({ duplicate }) => duplicate)).toEqual([false, true]);
});

test("a server that is silent after the mail is uncertain; one that is silent before it has not got it", async () => {
  const hang = async (at: "rcpt" | "data") => {
    const { gateway, lead } = await onlyTeam({ type: "hang", at, times: 1 }, { LEADKEEP_TIMEOUT: "300ms" });
    const { history } = await gateway.delivery(lead, "mail-team", "delivered");
    return history.map(({ outcome, reason }) => `${outcome} ${reason?.code ?? ""}`.trim());
  };
  expect(await hang("data")).toEqual(["uncertain answer_lost", "delivered"]);
  expect(await hang("rcpt")).toEqual(["retry timed_out", "delivered"]);
});

test("a password that is refused pauses the lane, costs no try, and what waited goes out once it is right", async () => {
  Object.assign(sandbox.mail.settings, { credentials: { user: "hello", pass: "right" } });
  const url = new URL(sandbox.mail.url);
  const gateway = await start({ variables: { SMTP_URL: `smtp://hello:wrong@${url.host}` } });
  const lead = await gateway.post({ phone: "+44 20 7946 0018" });
  const pause = await until(async () => (await gateway.gateway.ledger.pauses())[0]);
  expect(pause).toMatchObject({ destination: "mail-team", by: "machine", reason: { code: "unauthorized" } });
  expect((await gateway.delivery(lead, "mail-team", "pending")).tries).toBe(0);
  Object.assign(sandbox.mail.settings, { credentials: { user: "hello", pass: "wrong" } });
  await gateway.gateway.ledger.resume("mail-team", { now: Date.now(), actor: { type: "command", name: "test" } });
  await gateway.gateway.stop();
  const again = await start({
    dataFolder: gateway.gateway.options.dataFolder,
    variables: { SMTP_URL: `smtp://hello:wrong@${url.host}` },
  });
  await again.delivery(lead, "mail-team", "delivered");
});

test.each([
  ["from the first byte", "smtps", { secure: true }],
  ["by STARTTLS", "smtp", {}],
])("a server whose certificate cannot be trusted gets no mail: TLS %s", async (_, scheme, options) => {
  const server = new SMTPServer({ ...options, authOptional: true, disableReverseLookup: true });
  server.on("error", () => {});
  onTestFinished(() => server.close());
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.server.address() as AddressInfo;
  const gateway = await start({ variables: { SMTP_URL: `${scheme}://127.0.0.1:${port}` } });
  await gateway.post({ phone: "+44 20 7946 0018" });
  const pause = await until(async () => (await gateway.gateway.ledger.pauses())[0]);
  expect(pause.reason.code).toBe("certificate");
});

test("a sender that may not send there pauses the lane", async () => {
  const { gateway } = await onlyTeam({ type: "reply", at: "mail", code: 553, text: "5.7.1 Sender rejected" });
  const pause = await until(async () => (await gateway.gateway.ledger.pauses())[0]);
  expect(pause.reason).toMatchObject({ code: "sender_refused", message: expect.stringContaining("553 5.7.1") });
});

test("mail trouble touches neither another destination nor the other mail's lane", async () => {
  const gateway = await start({ variables: { CRM_WEBHOOK_URL: sandbox.vendors.webhook.url } });
  Object.assign(sandbox.mail.settings, { unknownRecipients: ["team@northlight.example"] });
  const lead = await gateway.post(aPerson());
  await gateway.delivery(lead, "mail-team", "dead");
  await gateway.delivery(lead, "mail-customer", "delivered");
  await gateway.delivery(lead, "webhook", "delivered");
});

test("an address of the team that is refused for good is told as a warning; the others have the mail", async () => {
  Object.assign(sandbox.mail.settings, { unknownRecipients: ["gone@northlight.example"] });
  const to = "team@northlight.example, gone@northlight.example";
  const { gateway, lead } = await onlyTeam(null, { MAIL_TO: to });
  const delivery = await gateway.delivery(lead, "mail-team", "delivered");
  expect(delivery.warnings).toEqual(["1 of 2 addresses were refused by the mail server"]);
});

test("an address that is to be tried later gets the mail later, and the others get it once", async () => {
  const to = "a@northlight.example, b@northlight.example";
  const fault = { type: "reply", at: "rcpt", code: 450, text: "4.2.0 greylisted", times: 1 } as const;
  const { gateway, lead } = await onlyTeam(fault, { MAIL_TO: to });
  const delivery = await gateway.delivery(lead, "mail-team", "delivered");
  expect(delivery.history.map(({ outcome }) => outcome)).toEqual(["retry", "delivered"]);
  expect(sandbox.mail.inbox.map(({ envelope }) => envelope.to)).toEqual([
    ["b@northlight.example"],
    ["a@northlight.example"],
  ]);
});

test("a person gets one confirmation a day; the team hears of every lead", async () => {
  const gateway = await start();
  const first = await gateway.post(aPerson({ email: "ada@example.com" }));
  await gateway.delivery(first, "mail-customer", "delivered");
  const second = await gateway.post(aPerson({ email: "ADA@example.com" }));
  const refused = await gateway.delivery(second, "mail-customer", "cancelled");
  await gateway.delivery(second, "mail-team", "delivered");
  expect(refused.reason?.code).toBe("once_per_person");
  expect([inbox("customer-confirmation").length, inbox("lead-notification").length]).toEqual([1, 2]);
});

test("a person who gave no mail address is not written to, and that is said", async () => {
  const { gateway, lead } = await onlyTeam(null);
  const delivery = await gateway.delivery(lead, "mail-customer", "delivered");
  expect(delivery.warnings).toEqual(["no mail was sent: the person gave no mail address"]);
  expect(inbox("customer-confirmation")).toEqual([]);
});

test("while the ledger cannot be written the mail to the team takes the lead, and the visitor is thanked for that", async () => {
  const gateway = await start();
  const ledger = aConnection(join(gateway.gateway.options.dataFolder, "ledger.db"));
  ledger.exec("BEGIN IMMEDIATE");
  const lead = await gateway.post(aPerson({ message: "Do not lose me" }));
  expect(inbox("lead-notification").map(({ mail }) => mail.text)).toEqual([expect.stringContaining("Do not lose me")]);
  ledger.exec("ROLLBACK");
  await until(() => gateway.record(lead).catch(() => null));
  const { id } = await gateway.delivery(lead, "mail-team", "delivered");
  expect(new Set(inbox("lead-notification").map(({ mail }) => mail.messageId))).toEqual(
    new Set([`<${id}@northlight.example>`]),
  );
});

test("a quarantined lead is never confirmed", async () => {
  const outcome = await deliver(mailCustomer, aLead({ state: "quarantined" }));
  expect(outcome).toMatchObject({ type: "rejected", reason: { code: "not_active" } });
  expect(sandbox.mail.received).toEqual([]);
});

test("an address that is more than one address gets nothing", async () => {
  const outcome = await deliver(mailCustomer, aLead({ email: "ada@example.com,eve@example.com" }));
  expect(outcome).toMatchObject({ type: "rejected", reason: { code: "address_unusable" } });
  expect(sandbox.mail.received).toEqual([]);
});

test("an address with every character it may hold gets its mail, and can be answered", async () => {
  const gateway = await start();
  const lead = await gateway.post(aPerson({ email: "o'neil/a#b+c%20d&e=f?g@exämple.com" }));
  for (const id of ["mail-team", "mail-customer"]) await gateway.delivery(lead, id, "delivered");
  expect(inbox("customer-confirmation")[0]?.envelope.to).toEqual(["o'neil/a#b+c%20d&e=f?g@exämple.com"]);
  expect(inbox("lead-notification")[0]?.mail.replyTo).toMatchObject([{ name: "Ada Lovelace" }]);
  expect(inbox("lead-notification")[0]?.mail.html).toContain(
    "mailto:o&#39;neil%2Fa%23b%2Bc%2520d%26e%3Df%3Fg@ex%C3%A4mple.com",
  );
});

test("reasons and logs hold nothing a person typed, nothing of the server's words and no password", async () => {
  const lines: string[] = [];
  const note = (...line: unknown[]) => void lines.push(JSON.stringify(line));
  const { host } = new URL(sandbox.mail.url);
  const variables = { SMTP_URL: `smtp://hello:marked-password@${host}` };
  const gateway = await start({ variables, log: { info: note, warn: note, error: note } });
  const text = "5.1.1 <marked@example.com> Marked Person: marked message";
  const told: unknown[] = [];
  for (const fault of [
    { type: "reply", at: "rcpt", code: 450, text, times: 1 },
    { type: "reply", at: "data", code: 554, text },
  ] as const) {
    sandbox.mail.setFault(fault);
    const fields = { email: "marked@example.com", name: "Marked Person", message: "marked message" };
    const lead = await gateway.post(aPerson(fields));
    told.push(await gateway.delivery(lead, "mail-team", "delivered", "dead"));
  }
  expect(JSON.stringify(told.concat(lines))).not.toMatch(/marked@|Marked Person|marked message|marked-password/);
});

test("the person is written to in the language the form sends, the team in the configured one", async () => {
  const gateway = await start();
  const lead = await gateway.post(aPerson({ language: "de-AT" }));
  for (const id of ["mail-team", "mail-customer"]) await gateway.delivery(lead, id, "delivered");
  expect(inbox("customer-confirmation")[0]?.mail.subject).toBe("Ihre Anfrage ist bei uns eingegangen | Northlight");
  expect(inbox("lead-notification")[0]?.mail.subject).toContain("New enquiry");
});

test("MAIL_LANGUAGE sets the language of both", async () => {
  const gateway = await start({ variables: { MAIL_LANGUAGE: "de" } });
  const lead = await gateway.post(aPerson({ language: "xx" }));
  for (const id of ["mail-team", "mail-customer"]) await gateway.delivery(lead, id, "delivered");
  expect(inbox("customer-confirmation")[0]?.mail.subject).toContain("Ihre Anfrage");
  expect(inbox("lead-notification")[0]?.mail.subject).toContain("Neue Anfrage");
});

test("a template of one's own makes the whole mail, and its subject stays one line", async () => {
  const template = ({ name }: Lead) => ({
    subject: `Hi\r\nBcc: eve@example.com ${name}`,
    html: "<p>own</p>",
    text: "own",
  });
  const options = { smtpUrl: sandbox.mail.url, from, to: "team@example.com", template };
  const gateway = await start({ variables: noMail, config: { destinations: { "mail-team": mailTeam(options) } } });
  const lead = await gateway.post(aPerson());
  await gateway.delivery(lead, "mail-team", "delivered");
  expect(sandbox.mail.inbox[0]?.mail).toMatchObject({
    subject: "Hi Bcc: eve@example.com Ada Lovelace",
    text: "own\n",
    html: expect.stringContaining("<p>own</p>"),
  });
  expect(sandbox.mail.inbox[0]?.envelope.to).toEqual(["team@example.com"]);
});

test("a template that breaks is tried again, and sends nothing meanwhile", async () => {
  const template = () => {
    throw new Error("broken");
  };
  const options = { smtpUrl: sandbox.mail.url, from, to: "team@example.com", template };
  const gateway = await start({ variables: noMail, config: { destinations: { "mail-team": mailTeam(options) } } });
  const lead = await gateway.post(aPerson());
  const delivery = await gateway.delivery(lead, "mail-team", "dead");
  expect(new Set(delivery.history.map(({ reason }) => reason?.code))).toEqual(new Set(["bug"]));
  expect(sandbox.mail.received).toEqual([]);
});

test("a provider that can tell repeats apart gets the delivery id to do so", async () => {
  const { outgoing } = await import("../../src/destinations/mail/send.ts");
  const { parseSmtpUrl } = await import("../../src/destinations/mail/smtp-url.ts");
  const headersAt = (url: string) => {
    const server = parseSmtpUrl(url);
    if (!server) throw new Error(url);
    const content = { subject: "s", html: "h", text: "t" };
    const box = { name: "", address: "a@example.com" };
    const draft = { from: box, to: [box], replyTo: null, autoSubmitted: "auto-generated", content } as const;
    const ids = { deliveryId: "dlv_1_mail-team", recipients: [], now: () => 0 };
    return outgoing({ ...draft, mailKind: "lead-notification" }, server, ids).headers;
  };
  expect(headersAt("smtps://resend:key@smtp.resend.com")).toMatchObject({
    "Resend-Idempotency-Key": "dlv_1_mail-team",
  });
  expect(headersAt("smtps://u:p@smtp.example.com")).not.toHaveProperty("Resend-Idempotency-Key");
});

const noMail = { SMTP_URL: "", MAIL_FROM: "", MAIL_TO: "" };

/** Calls the destination's code itself, with a lead that intake would not have made. */
async function deliver(factory: typeof mailCustomer, lead: Lead) {
  const { definition } = factory;
  const options = definition.options.parse({ smtpUrl: sandbox.mail.url, from });
  const context = {
    deliveryId: deliveryIdOf(lead.id, "mail-customer"),
    progress: null,
    signal: AbortSignal.timeout(5_000),
    now: Date.now,
    save: async () => {},
  };
  const outcome = await definition.deliver?.(lead, options, context as unknown as DeliveryContext);
  await definition.close?.(options);
  return outcome;
}
