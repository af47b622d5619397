import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import type { LeadkeepConfig } from "../../src/index.ts";
import { type ReceivedMail, type Sandbox, startSandbox } from "../../src/sandbox/index.ts";
import { aClock, type TestClock } from "../support/a-clock.ts";
import { aGateway, aPerson, type TestGateway } from "../support/a-gateway.ts";
import { until } from "../support/until.ts";

/** The watch takes a tenth of the time at most: where one look is slow, the next comes ten times as much later. */
const alertMs = 60_000;
vi.setConfig({ testTimeout: 150_000 });

let sandbox: Sandbox;
let clock: TestClock;

beforeEach(async () => {
  clock = aClock();
  sandbox = await startSandbox({ now: clock.now });
});

afterEach(() => sandbox.close());

type SlackMessage = { text: string; blocks: { type: string; text?: { text: string } }[] };

/** Where a chat program takes messages; `answer` is the status it gives. */
async function aChat(): Promise<{ url: string; messages: SlackMessage[]; settings: { answer: number } }> {
  const messages: SlackMessage[] = [];
  const settings = { answer: 200 };
  const server: Server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => {
      body += text;
    });
    request.once("end", () => {
      if (settings.answer === 200) messages.push(JSON.parse(body));
      response.writeHead(settings.answer).end("ok");
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, messages, settings };
}

/** Looks often, so that a night is over in a moment. */
const quick = { every: "100ms", overAfter: "1s", diskFreeBelow: false } as const;

async function start(alerts: LeadkeepConfig["alerts"], variables: Record<string, string> = {}): Promise<TestGateway> {
  const gateway = await aGateway({
    now: clock.now,
    config: { alerts: alerts === false ? false : { ...quick, ...alerts } },
    variables: {
      HUBSPOT_ACCESS_TOKEN: "a-token",
      HUBSPOT_BASE_URL: sandbox.vendors.hubspot.url,
      SMTP_URL: sandbox.mail.url,
      MAIL_FROM: "Northlight <hello@northlight.example>",
      PUBLIC_URL: "https://leads.northlight.example",
      LEADKEEP_ALERT_EMAIL: "",
      ...variables,
    },
  });
  onTestFinished(() => gateway.close());
  return gateway;
}

function alertMails(): ReceivedMail[] {
  return sandbox.mail.inbox.filter(({ mail }) =>
    mail.headers.some(({ key, value }) => key === "x-leadkeep-mail" && value === "alert"),
  );
}

/** The watch has looked some more times, and every notice that it thought due has gone out. */
async function afterMoreLooks(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 1_500));
}

test("a token revoked at night makes one alert with the cure, and once it is mended all leads arrive, one notice says it is over, and verify that nothing is missing", async () => {
  const chat = await aChat();
  const gateway = await start({ mail: "ops@northlight.example", webhooks: [{ url: chat.url, shape: "slack" }] });
  sandbox.vendors.hubspot.setFault({ type: "status", status: 401 });

  const leads: string[] = [];
  for (let i = 0; i < 38; i++) leads.push(await gateway.post(aPerson()));
  await until(() => chat.messages.length > 0 && alertMails().length > 0, alertMs);
  await afterMoreLooks();

  expect(chat.messages).toHaveLength(1);
  expect(alertMails()).toHaveLength(1);
  const [alert] = alertMails();
  expect(alert?.envelope.to).toEqual(["ops@northlight.example"]);
  expect(alert?.mail.subject).toContain("HubSpot is paused");
  for (const text of [alert?.mail.text, alert?.mail.html, JSON.stringify(chat.messages)]) {
    expect(text).toContain("Its credentials are not accepted");
    expect(text).toContain("https://leads.northlight.example/console/destinations/hubspot");
    expect(text).not.toMatch(/ada|@example\.com|a-token/i);
  }
  const open = await until(async () => {
    const alerts = (await gateway.gateway.alerts.list()).open;
    return alerts[0]?.figures.leads === 38 && alerts;
  }, alertMs);
  expect(open.map(({ kind, words }) => [kind, words.leads])).toEqual([
    ["destination_blocked", "38 leads wait for it; none is lost."],
  ]);

  sandbox.vendors.hubspot.setFault(null);
  await gateway.gateway.ledger.resume("hubspot", { now: Date.now(), actor: { type: "console", name: "Grace" } });
  for (const lead of leads) await gateway.delivery(lead, "hubspot", "delivered");
  await until(() => chat.messages.length > 1 && alertMails().length > 1, alertMs);
  await afterMoreLooks();

  expect(sandbox.vendors.hubspot.own.all("contacts")).toHaveLength(38);
  expect(chat.messages.map(({ text }) => text)).toEqual([
    expect.stringMatching(/^HubSpot is paused/),
    "Over: HubSpot takes leads again",
  ]);
  expect(alertMails()).toHaveLength(2);
  expect(alertMails()[1]?.mail.text).toContain("What waited has gone out.");
  const after = await gateway.gateway.alerts.list();
  expect([after.open.length, after.over.map(({ kind }) => kind)]).toEqual([0, ["destination_blocked"]]);

  clock.pass(300_000);
  const { counts } = await gateway.gateway.completeness.verify({ actor: { type: "console", name: "Grace" } });
  expect(counts).toMatchObject({ leads: 38, accounted: 38 });
  expect(counts.tallies).toContainEqual({ destination: "hubspot", verdict: "seen", code: null, count: 38 });
});

test("when mail itself is the trouble the webhook tells, and the console shows it", async () => {
  const chat = await aChat();
  const gateway = await start(
    { webhooks: [{ url: chat.url, shape: "slack" }] },
    { MAIL_TO: "team@northlight.example" },
  );
  sandbox.mail.setFault({ type: "reply", at: "rcpt", code: 535, text: "5.7.8 not accepted" });
  await gateway.post(aPerson());
  await until(() => chat.messages.some(({ text }) => text.startsWith("Alerts cannot be sent by mail")), alertMs);
  const { open } = await gateway.gateway.alerts.list();
  expect(open.map(({ kind }) => kind)).toContain("mail_failing");
  expect(open.map(({ kind }) => kind)).toContain("destination_blocked");
  expect(alertMails()).toEqual([]);
});

test("an alert that could not be sent is sent later, also by the gateway that comes after", async () => {
  const chat = await aChat();
  chat.settings.answer = 503;
  const dataFolder = mkdtempSync(join(tmpdir(), "leadkeep-"));
  onTestFinished(() => rmSync(dataFolder, { recursive: true, force: true }));
  const options = {
    dataFolder,
    config: { alerts: { ...quick, webhooks: [{ url: chat.url, shape: "slack" as const }] } },
    variables: { HUBSPOT_ACCESS_TOKEN: "a-token", HUBSPOT_BASE_URL: sandbox.vendors.hubspot.url },
  };
  sandbox.vendors.hubspot.setFault({ type: "status", status: 401 });
  const first = await aGateway(options);
  await first.post(aPerson());
  await until(async () => (await first.gateway.alerts.list()).open.length > 0, alertMs);
  await first.close();
  chat.settings.answer = 200;
  const second = await aGateway(options);
  onTestFinished(() => second.close());
  await until(() => chat.messages.length > 0, alertMs);
  await afterMoreLooks();
  expect(chat.messages.map(({ text }) => text)).toEqual([expect.stringMatching(/^HubSpot is paused/)]);
});

test("without a configuration for alerts those who get the leads by mail are told", async () => {
  const gateway = await start({}, { MAIL_TO: "team@northlight.example" });
  sandbox.vendors.hubspot.setFault({ type: "status", status: 401 });
  await gateway.post(aPerson());
  await until(() => alertMails().length > 0, alertMs);
  expect(alertMails()[0]?.envelope.to).toEqual(["team@northlight.example"]);
});
