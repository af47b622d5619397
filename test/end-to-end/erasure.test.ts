import { afterEach, beforeEach, expect, test } from "vitest";
import type { Actor } from "../../src/ledger/ledger.ts";
import type { LeadId } from "../../src/model/id.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/index.ts";
import { aGateway, aPerson, type TestGateway } from "../support/a-gateway.ts";
import { auditedVariables } from "../support/audit-sandbox.ts";
import { until } from "../support/until.ts";

const email = "ada@example.com";
const actor: Actor = { type: "command", name: "test" };
let sandbox: Sandbox;
let gateway: TestGateway;

/** A gateway in front of every vendor of the sandbox, set up as `leadkeep setup` does. */
beforeEach(async () => {
  sandbox = await startSandbox();
  const variables = { ...auditedVariables(sandbox), LEADKEEP_TIMEOUT: "5s", LEADKEEP_SCHEDULE: "20ms,40ms,80ms,160ms" };
  gateway = await aGateway({ variables });
  for (const { setup } of gateway.gateway.options.destinations) {
    const steps = (await setup?.({ signal: AbortSignal.timeout(10_000), fetch, now: Date.now })) ?? [];
    for (const { apply } of steps) await apply?.();
  }
});

afterEach(async () => {
  await gateway.close();
  await sandbox.close();
});

/** Sends a person's lead, and waits until every destination has it. */
async function arrived(): Promise<LeadId> {
  const lead = (await gateway.post(aPerson({ email, message: "Twelve engines", phone: "020 7946 0018" }))) as LeadId;
  for (const { id } of gateway.gateway.options.destinations) await gateway.delivery(lead, id, "delivered");
  return lead;
}

/** Erases the person, and waits until every destination has been told or is on the list of what is to be done by hand. */
async function erase(lead: string): Promise<Record<string, string>> {
  const { rights } = gateway.gateway;
  await rights.erase(await rights.find({ email }), actor);
  const ends = await until(async () => {
    const followUps = (await gateway.record(lead)).deliveries.filter(({ event }) => event === "lead.erased");
    return (
      followUps.length > 0 && followUps.every(({ state }) => state === "delivered" || state === "dead") && followUps
    );
  });
  return Object.fromEntries(ends.map(({ destination, state, reason }) => [destination, reason?.code ?? state]));
}

/** All that vendors with records of their own show of anybody. */
function shown(): string {
  const { hubspot, pipedrive, sheets } = sandbox.vendors;
  return JSON.stringify([hubspot, pipedrive, sheets].map((vendor) => vendor.tables()));
}

test("Erased means erased: the lead here, and its record at every vendor that can be asked", async () => {
  const lead = await arrived();
  expect(shown().match(/ada@example\.com/g)?.length).toBeGreaterThan(2);
  expect(await erase(lead)).toEqual({
    hubspot: "delivered",
    pipedrive: "delivered",
    sheets: "delivered",
    webhook: "delivered",
    zapier: "by_hand",
    make: "by_hand",
    "mail-team": "by_hand",
    "mail-customer": "delivered",
  });
  expect(shown()).not.toMatch(/ada@example\.com|Lovelace|Twelve engines/);
  const told = sandbox.vendors.webhook.received.at(-1)?.json;
  expect(told).toMatchObject({ event_type: "lead.erased", lead_id: lead });
  expect(JSON.stringify(told)).not.toMatch(/ada@example\.com|Lovelace|Twelve engines/);
  const { lead: kept } = await gateway.record(lead);
  expect(kept).toMatchObject({ state: "erased", email: null, name: null, message: null, formData: {} });
});

test("a tombstone keeps a replay, a resync and a late consent from bringing an erased person back", async () => {
  const lead = await arrived();
  const { receivedAt } = (await gateway.record(lead)).lead;
  await erase(lead);
  const { ledger, rights, consent } = gateway.gateway;
  const deliveries = (await gateway.record(lead)).deliveries.filter(({ event }) => event === "lead.created");
  const { replayed, refused } = await ledger.replay(
    { ids: deliveries.map(({ id }) => id) },
    { now: Date.now(), actor },
  );
  expect([replayed, refused.length]).toEqual([[], deliveries.length]);
  for (const { message } of refused) expect(message).toMatch(/erased/);
  const lacking = {
    destination: "hubspot",
    kind: "hubspot",
    purpose: "enquiry",
    now: Date.now(),
    actor,
    dryRun: false,
  };
  expect(await ledger.resync(lacking)).toBe(0);
  await expect(consent.grant(lead, { purpose: "enquiry", source: "api" }, actor)).rejects.toThrow(/erased/);
  expect(await rights.isErased({ email, phone: null }, receivedAt)).toBe(true);
  await gateway.delivery(await gateway.post(aPerson()), "webhook", "delivered");
  expect((await gateway.record(lead)).deliveries.filter(({ state }) => state === "pending")).toEqual([]);
  expect(shown()).not.toMatch(/Twelve engines/);
});
