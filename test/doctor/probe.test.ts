import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type ProbeOptions, probe, whatStays } from "../../src/cli/doctor/probe.ts";
import { openLedger } from "../../src/gateway.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/index.ts";
import { aGateway, type TestGateway } from "../support/a-gateway.ts";

let sandbox: Sandbox;
let gateway: TestGateway;
/** The command's own, beside the gateway's. */
let ledger: Ledger;
beforeEach(async () => {
  sandbox = await startSandbox();
  gateway = await aGateway({
    variables: {
      CRM_WEBHOOK_URL: sandbox.vendors.webhook.url,
      HUBSPOT_ACCESS_TOKEN: "token",
      HUBSPOT_BASE_URL: sandbox.vendors.hubspot.url,
      SMTP_URL: sandbox.mail.url,
      MAIL_FROM: "hello@example.com",
      LEADKEEP_SCHEDULE: "1h",
    },
  });
  ledger = await openLedger(gateway.gateway.options);
});
afterEach(async () => {
  await ledger.close();
  await gateway.close();
  await sandbox.close();
});

function send(given: Partial<ProbeOptions> = {}) {
  return probe({
    destinations: gateway.gateway.options.destinations,
    ledger,
    address: null,
    deliver: null,
    patienceMs: 10_000,
    progress() {},
    now: Date.now,
    sleep,
    ...given,
  });
}
const verdicts = ({ results }: Awaited<ReturnType<typeof send>>) =>
  Object.fromEntries(results.map(({ destination, result }) => [destination, result]));

test("one marked lead reaches every destination, and each verdict is told as it comes", async () => {
  const told: number[] = [];
  const probed = await send({ progress: (done, of) => void told.push(done / of) });
  expect(verdicts(probed)).toMatchObject({ webhook: "ok", hubspot: expect.stringMatching("ok|warning") });
  expect(told.at(-1)).toBe(1);
  expect(probed.lead.form).toBe("leadkeep-test");
  expect(sandbox.vendors.webhook.records.size).toBe(1);
  expect((await ledger.acts({ limit: 5 })).map(({ act }) => act)).toContain("send probe");
});

test("who writes to the person gets it only with an address that is read", async () => {
  expect((await send()).results.find(({ destination }) => destination === "mail-customer")?.detail).toContain(
    "--send-to",
  );
  expect(sandbox.mail.inbox).toHaveLength(0);
  await send({ address: "me@example.com" });
  expect(sandbox.mail.inbox.map(({ envelope }) => envelope.to)).toEqual([["me@example.com"]]);
});

test("a destination that refuses it, one that is not ready and one that is paused are told apart, with where to look", async () => {
  sandbox.vendors.webhook.setFault({ type: "status", status: 422 });
  sandbox.vendors.hubspot.setFault({ type: "status", status: 503 });
  const { lead, results } = await send();
  const [webhook, hubspot] = ["webhook", "hubspot"].map((id) => results.find(({ destination }) => destination === id));
  expect(webhook).toMatchObject({
    result: "problem",
    detail: "dead: answered 422",
    cure: `See: leadkeep show ${lead.id}`,
  });
  expect(hubspot).toMatchObject({ result: "problem", detail: expect.stringContaining("answered 503") });
  const reason = { code: "paused", message: "paused by a person" };
  await ledger.pause({ destination: "webhook", since: Date.now(), by: "person", reason });
  const { destinations } = gateway.gateway.options;
  const paused = await send({ destinations: destinations.filter(({ id }) => id === "webhook"), patienceMs: 400 });
  expect(paused.results).toMatchObject([{ result: "problem", cure: expect.stringContaining("paused") }]);
});

test("what can be taken back is told apart from what cannot", () => {
  const { destinations } = gateway.gateway.options;
  const lines = whatStays(destinations, "me@example.com");
  expect(lines[0]).toMatch(/Can be taken back \(.*hubspot.*leadkeep erase me@example.com/);
  expect(lines.slice(1).join("\n")).toMatch(/CANNOT be undone from here: mail-customer/);
});
