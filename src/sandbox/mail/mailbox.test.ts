import { createTransport, type SendMailOptions } from "nodemailer";
import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";
import { type MailFault, type Sandbox, startSandbox } from "../index.ts";

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await startSandbox({ now: () => 1_000 });
});
afterEach(() => sandbox.close());

/** What a client sees of sending a mail: the code answered, or nodemailer's code for what happened instead. */
async function send(mail: SendMailOptions = {}, auth?: { user: string; pass: string }): Promise<number | string> {
  const { hostname, port } = new URL(sandbox.mail.url);
  const transport = createTransport({
    host: hostname,
    port,
    socketTimeout: 200,
    connectionTimeout: 200,
    greetingTimeout: 200,
    ...(auth ? { auth } : {}),
  });
  onTestFinished(() => transport.close());
  try {
    const { response } = await transport.sendMail({
      from: "a@example.com",
      to: "b@example.com",
      subject: "Grüße",
      text: "text",
      html: "<p>html</p>",
      messageId: "<1@example.com>",
      ...mail,
    });
    return Number(response.slice(0, 3));
  } catch (error) {
    const { responseCode, code } = error as { responseCode?: number; code?: string };
    // A dropped connection goes by either name, from one version of Node to the next.
    return responseCode ?? (code === "ECONNECTION" ? "ESOCKET" : code) ?? "?";
  }
}

test("a mail lies in the inbox, parsed, with its envelope", async () => {
  expect(await send({ bcc: "c@example.com" })).toBe(250);
  expect(sandbox.mail.inbox).toMatchObject([
    {
      n: 1,
      at: 1_000,
      envelope: { from: "a@example.com", to: ["b@example.com", "c@example.com"] },
      mail: { subject: "Grüße", text: "text\n", messageId: "<1@example.com>", to: [{ address: "b@example.com" }] },
      answered: 250,
      duplicate: false,
    },
  ]);
});

test("a second mail with the same Message-ID is a duplicate", async () => {
  await send();
  await send();
  await send({ messageId: "<2@example.com>" });
  expect(sandbox.mail.inbox.map(({ duplicate }) => duplicate)).toEqual([false, true, false]);
});

test.each<[string, MailFault, number | string, number, number]>([
  ["a reply at RCPT TO", { type: "reply", at: "rcpt", code: 450 }, 450, 0, 0],
  ["a reply at MAIL FROM", { type: "reply", at: "mail", code: 553 }, 553, 0, 0],
  ["a reply on connecting", { type: "reply", at: "connect", code: 554 }, 554, 0, 0],
  ["a reply after DATA", { type: "reply", at: "data", code: 554 }, 554, 1, 0],
  ["a reply after DATA, kept all the same", { type: "reply", at: "data", code: 451, applied: true }, 451, 1, 1],
  ["a drop after DATA", { type: "drop", at: "data", applied: true }, "ESOCKET", 1, 1],
  ["a drop at RCPT TO", { type: "drop", at: "rcpt" }, "ESOCKET", 0, 0],
  ["silence after DATA", { type: "hang", at: "data" }, "ETIMEDOUT", 1, 0],
  ["silence on connecting", { type: "hang", at: "connect" }, "ETIMEDOUT", 0, 0],
  ["a slow answer", { type: "latency", ms: 20 }, 250, 1, 1],
])("%s", async (_, fault, seen, received, kept) => {
  sandbox.mail.setFault(fault);
  expect([await send(), sandbox.mail.received.length, sandbox.mail.inbox.length]).toEqual([seen, received, kept]);
});

test("a fault strikes as often as it is told to", async () => {
  sandbox.mail.setFault({ type: "reply", at: "rcpt", code: 450, times: 2 });
  expect([await send(), await send(), await send()]).toEqual([450, 450, 250]);
  expect(sandbox.mail.fault).toBeNull();
});

test("with credentials it takes nobody's mail but theirs", async () => {
  Object.assign(sandbox.mail.settings, { credentials: { user: "u", pass: "p" } });
  expect([await send(), await send({}, { user: "u", pass: "x" }), await send({}, { user: "u", pass: "p" })]).toEqual([
    530, 535, 250,
  ]);
});

test("a fault at sign-in refuses even the right password", async () => {
  sandbox.mail.setFault({ type: "reply", at: "auth", code: 454 });
  expect(await send({}, { user: "u", pass: "p" })).toBe(454);
});

test("it refuses recipients it is told not to know, and mails that are too large", async () => {
  Object.assign(sandbox.mail.settings, { unknownRecipients: ["b@example.com"], maxBytes: 2_000 });
  expect(await send()).toBe(550);
  expect(await send({ to: "c@example.com", text: "x".repeat(3_000) })).toBe(552);
  expect(sandbox.mail.inbox).toEqual([]);
});

test("the control API sets faults and switches, shows the inbox, and a reset empties it", async () => {
  const ask = async (path: string, body?: object) => {
    const init = body ? { method: "POST", body: JSON.stringify(body) } : {};
    const response = await fetch(`${sandbox.url}/_sandbox/${path}`, init);
    return { status: response.status, json: (await response.json()) as Record<string, unknown> };
  };
  await send({ replyTo: "Ada <ada@example.com>" });
  expect((await ask("mail/state")).json).toMatchObject({
    url: sandbox.mail.url,
    counts: { received: 1, applied: 1, duplicates: 0 },
    received: [
      {
        subject: "Grüße",
        from: "a@example.com",
        to: "b@example.com",
        replyTo: "Ada <ada@example.com>",
        text: "text\n",
      },
    ],
  });
  expect((await ask("mail/fault", { fault: { type: "hang", at: "data" } })).status).toBe(200);
  expect(sandbox.mail.fault).toEqual({ type: "hang", at: "data" });
  expect((await ask("mail/fault", { fault: { type: "hang", at: "lunch" } })).status).toBe(400);
  expect((await ask("mail/settings", { settings: { maxBytes: 5 } })).status).toBe(200);
  expect((await ask("mail/settings", { settings: { maxByte: 5 } })).status).toBe(400);
  await ask("reset", {});
  expect([sandbox.mail.received.length, sandbox.mail.fault, sandbox.mail.settings.maxBytes]).toEqual([
    0,
    null,
    10_000_000,
  ]);
});

test("a mail is shown under a policy that lets it neither run nor load nor send anything", async () => {
  await send({ html: "<script>alert(1)</script>" });
  const response = await fetch(`${sandbox.url}/_sandbox/mail/1.html`);
  const policy = response.headers.get("content-security-policy");
  expect(policy).toContain("sandbox; default-src 'none'");
  expect(policy).toContain("frame-ancestors 'self'");
  expect(await response.text()).toContain("<script>");
  expect((await fetch(`${sandbox.url}/_sandbox/mail/2.html`)).status).toBe(404);
});
