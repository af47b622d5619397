import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";
import { checkQueue, dueSince, openForLook } from "../../src/cli/doctor/ledger-checks.ts";
import { askGateway, checkRunning } from "../../src/cli/doctor/running-gateway.ts";
import { checkConfig } from "../../src/config/config.ts";
import { toolContext } from "../../src/delivery/check-destination.ts";
import { createGuardedNetwork } from "../../src/delivery/guarded-fetch.ts";
import { openLedger } from "../../src/gateway.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { LedgerUnavailable } from "../../src/model/errors.ts";
import { aGateway } from "../support/a-gateway.ts";
import { aDelivery, aLead, aMoment, anEntry } from "../support/a-lead.ts";
import { aFolder } from "../support/sqlite-file.ts";

const minute = 60_000;
const network = createGuardedNetwork({ allowPrivateNetwork: true });
const context = toolContext(network.fetch, Date.now);
const anOptions = (dataFolder: string) =>
  checkConfig({}, { LEADKEEP_DATA: dataFolder, CRM_WEBHOOK_URL: "https://example.com/hook" });

let ledger: Ledger;
let options: Awaited<ReturnType<typeof anOptions>>;
beforeEach(async () => {
  options = await anOptions(aFolder());
  ledger = await openLedger(options);
});
afterEach(() => ledger.close());

const delivery = (destination = "webhook") => aDelivery({ destination });
const actor = { type: "command", name: "test" } as const;

async function keepOne(destination?: string): Promise<string> {
  const { leadId } = await ledger.accept(anEntry({ lead: aLead(), deliveries: [delivery(destination)] }));
  return leadId;
}

async function letDie(): Promise<void> {
  await keepOne();
  const leaseUntil = aMoment + minute;
  const gate = () => ({ type: "open", basis: "consent" }) as const;
  const [claim] = await ledger.claim({ destination: "webhook", limit: 1, now: aMoment, leaseUntil, worker: "w", gate });
  if (!claim) throw new Error("nothing to claim");
  const reason = { code: "rejected", message: "answered 422" };
  const { id: deliveryId, attempts: n } = claim.delivery;
  const outcome = { type: "rejected", reason } as const;
  await ledger.settle({ deliveryId, n, durationMs: 1, outcome, next: { state: "dead", tries: 1, reason } });
}

test("an empty queue is fine", async () => {
  expect(await checkQueue(ledger, options, aMoment)).toMatchObject([{ what: "queue", result: "ok" }]);
});

test.each([
  [20, "warning"],
  [2_000, "problem"],
])("a lead that waits for %i minutes is told by destination, with where to look", async (minutes, result) => {
  await keepOne();
  const results = await checkQueue(ledger, options, aMoment + minutes * minute);
  expect(results).toMatchObject([{ what: "queue", result, cure: expect.stringContaining("--destination webhook") }]);
});

test("a pause is told with its reason and how to end it, once: what waits behind it is no second finding", async () => {
  await keepOne();
  const reason = { code: "unauthorized", message: "answered 401" };
  await ledger.pause({ destination: "webhook", since: aMoment, by: "machine", reason });
  const results = await checkQueue(ledger, options, aMoment + 90 * minute);
  expect(results).toMatchObject([
    {
      what: "pause",
      result: "problem",
      detail: expect.stringContaining("answered 401"),
      cure: expect.stringContaining("leadkeep resume webhook"),
    },
  ]);
  await ledger.pause({ destination: "webhook", since: aMoment, by: "person", reason });
  expect(await checkQueue(ledger, options, aMoment + minute)).toMatchObject([{ what: "pause", result: "warning" }]);
});

test("dead letters are told by cause, with how to send them again", async () => {
  await letDie();
  expect(await checkQueue(ledger, options, aMoment)).toMatchObject([
    {
      what: "dead letters",
      result: "warning",
      detail: expect.stringContaining("422"),
      cure: expect.stringContaining("replay --dead"),
    },
  ]);
});

test("leads that wait for a destination nobody configured are a problem", async () => {
  await keepOne("crm");
  expect(await checkQueue(ledger, options, aMoment)).toMatchObject([
    {
      what: "queue",
      result: "problem",
      detail: expect.stringContaining("crm"),
      cure: expect.stringContaining("Configure"),
    },
  ]);
});

test("a ledger that is not there is not made by looking", async () => {
  const folder = aFolder();
  const { ledger: opened, result } = await openForLook(await anOptions(folder), () =>
    Promise.reject(new Error("made")),
  );
  expect([opened, result.result]).toEqual([null, "ok"]);
});

test("a ledger that cannot be opened, or takes no writes, is a problem in words", async () => {
  const folder = aFolder();
  writeFileSync(join(folder, "ledger.db"), "this is no database, and long enough to be read as one".repeat(40));
  const broken = await openForLook(await anOptions(folder), openLedger);
  expect(broken).toMatchObject({
    ledger: null,
    result: { result: "problem", detail: expect.stringContaining("backup") },
  });
  const full: Ledger = {
    ...ledger,
    checkWritable: () => Promise.reject(new LedgerUnavailable("the disk is full. Free some space.")),
  };
  const { result } = await openForLook(options, async () => full);
  expect(result).toMatchObject({
    result: "problem",
    detail: expect.stringContaining("Free some space"),
    cure: expect.any(String),
  });
});

test("a gateway at work is found where the configuration says, and so is one whose ledger takes no writes", async () => {
  const gateway = await aGateway();
  onTestFinished(() => gateway.close());
  const at = { host: "0.0.0.0", port: Number(new URL(gateway.url).port) };
  expect(await askGateway(at, context)).toMatchObject({ state: "ready", url: gateway.url });
  const answers: [number, string, string][] = [
    [503, '{"status":"unavailable"}', "unavailable"],
    [404, "nothing here", "other"],
  ];
  for (const [status, body, state] of answers) {
    const server = createServer((_, response) => response.writeHead(status).end(body));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    expect(await askGateway({ host: "127.0.0.1", port }, context)).toMatchObject({ state });
    server.close();
  }
});

test.each([
  ["ready", null, "ok", ""],
  ["ready", 10, "problem", "Restart it"],
  ["unavailable", null, "problem", "disk space"],
  ["other", null, "problem", "set PORT"],
  ["nobody", null, "warning", "leadkeep start"],
  ["nobody", 10, "problem", "leadkeep start"],
] as const)("a gateway that is %s, with a delivery due for %s minutes, is %s", (state, due, result, cure) => {
  const about = { dueSince: due === null ? null : aMoment - due * minute, worker: true, now: aMoment };
  const found = checkRunning({ url: "http://127.0.0.1:8787", state }, about);
  expect(found.result).toBe(result);
  expect(found.cure ?? "").toContain(cure);
});

test("what a pause holds back is not overdue", async () => {
  await keepOne();
  expect(await dueSince(ledger, options)).toBe(aMoment);
  const reason = { code: "paused", message: "paused by a person" };
  await ledger.pause({ destination: "webhook", since: aMoment, by: "person", reason }, actor);
  expect(await dueSince(ledger, options)).toBeNull();
});
