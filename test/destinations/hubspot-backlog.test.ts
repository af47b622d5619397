import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openSqliteLedger } from "../../src/ledger/sqlite/sqlite-ledger.ts";
import type { Lead } from "../../src/model/lead.ts";
import { aHubSpot, type TestHubSpot } from "../support/a-hubspot.ts";
import { aConsent, aLead, anEntry } from "../support/a-lead.ts";
import { until } from "../support/until.ts";

let hubspot: TestHubSpot;
let dataFolder: string;

beforeEach(async () => {
  hubspot = await aHubSpot();
  dataFolder = mkdtempSync(join(tmpdir(), "leadkeep-hubspot-"));
});

afterEach(async () => {
  await hubspot.close();
  rmSync(dataFolder, { recursive: true, force: true });
});

async function fill(count: number, leadFor: (index: number) => Partial<Lead> = () => ({})): Promise<void> {
  const ledger = openSqliteLedger({ path: join(dataFolder, "ledger.db") });
  const delivery = {
    destination: "hubspot",
    kind: "hubspot",
    purpose: "enquiry",
    state: "pending",
    reason: null,
  } as const;
  for (let done = 0; done < count; done += 1_000) {
    await Promise.all(
      Array.from({ length: Math.min(1_000, count - done) }, (_, index) => {
        const lead = aLead({
          name: "Ada Lovelace",
          firstName: "Ada",
          lastName: "Lovelace",
          consents: [aConsent()],
          receivedAt: Date.now(),
          ...leadFor(done + index),
        });
        return ledger.accept(anEntry({ lead, deliveries: [delivery] }));
      }),
    );
  }
  await ledger.close();
}

/** Drains what waits; resolves to the calls it took, by path, and what was answered 429. */
async function drain(options: Parameters<TestHubSpot["start"]>[0] = {}) {
  const before = hubspot.vendor.received.length;
  const begun = performance.now();
  const { gateway } = await hubspot.start({ pace: { limit: 190, intervalMs: 10_000 }, ...options }, { dataFolder });
  await until(async () => (await gateway.ledger.backlog()).every(({ state }) => state === "dead"), 30_000);
  const calls = hubspot.vendor.received.slice(before);
  const refused = calls.map(({ answered }) => answered === 429);
  return {
    gateway,
    calls: calls.length,
    paths: calls.map(({ method, path }) => `${method} ${path.replace(/^.*2026-09\//, "").split("?")[0]}`),
    refused: refused.filter(Boolean).length,
    twiceInARow: refused.some((one, index) => one && refused[index + 1]),
    seconds: (performance.now() - begun) / 1_000,
  };
}

/** `HUBSPOT_BACKLOG=10000 npx vitest run test/destinations/hubspot-backlog.test.ts` prints the figures of the docs. */
const backlog = Number(process.env.HUBSPOT_BACKLOG ?? 4_000);

test("a backlog of new people takes at most 1/80 of one call a lead, and 190 in 10 s never refuses twice in a row", async () => {
  await hubspot.setUp();
  Object.assign(hubspot.vendor.settings, { callsPer10s: 190 });
  await fill(backlog);
  const { calls, refused, twiceInARow, seconds } = await drain();
  console.log(
    `${backlog} leads: ${calls} calls (1/${Math.round(backlog / calls)}), ${refused} × 429, ${seconds.toFixed(1)} s`,
  );
  expect(hubspot.counts()).toEqual([backlog, 0, 0, 0]);
  expect(calls).toBeLessThanOrEqual(backlog / 80);
  expect(twiceInARow).toBe(false);
  const stages = new Set(
    hubspot
      .crm()
      .all("contacts")
      .map(({ properties }) => properties.lifecyclestage),
  );
  expect([...stages]).toEqual(["lead"]);
}, 40_000);

test("people HubSpot knows are updated a hundred at a time, and customers stay customers", async () => {
  await hubspot.setUp();
  const emails = Array.from({ length: 1_000 }, (_, index) => `known${index}@example.com`);
  for (const email of emails)
    hubspot.crm().create("contacts", { email, lifecyclestage: "customer", hs_lead_status: "CONNECTED" });
  await fill(1_000, (index) => ({ email: emails[index] ?? null, message: `message ${index}` }));
  const { calls } = await drain();
  console.log(`1 000 leads of known people: ${calls} calls`);
  expect(calls).toBeLessThanOrEqual(1_000 / 80);
  expect(hubspot.counts()).toEqual([1_000, 0, 0, 0]);
  for (const { properties } of hubspot.crm().all("contacts")) {
    expect(properties).toMatchObject({ lifecyclestage: "customer", hs_lead_status: "CONNECTED" });
    expect(properties.message).toMatch(/^message \d+$/);
  }
});

test("a mixed backlog ends right for everyone: new, known, second address, phone only, and one HubSpot refuses", async () => {
  await hubspot.setUp();
  hubspot.crm().create("contacts", { email: "first@example.com", hs_additional_emails: "second@example.com" });
  hubspot.crm().create("contacts", { email: "known@example.com", lifecyclestage: "customer" });
  await fill(60, (index) => {
    if (index === 7) return { email: "known@example.com" };
    if (index === 20) return { email: "second@example.com" };
    if (index === 33) return { email: null, phone: "+442079460018" };
    if (index === 41) return { firstName: "https://spam.example" };
    return {};
  });
  const { gateway, paths } = await drain();
  expect(hubspot.counts()).toEqual([60, 0, 1, 0]);
  expect(paths.some((path) => path.endsWith("/batch/upsert"))).toBe(true);
  const known = hubspot.crm().contactBy("email", "known@example.com");
  expect(known?.properties).toMatchObject({ lifecyclestage: "customer", firstname: "Ada" });
  const refs = new Map<string, string | null>();
  for await (const { lead, deliveries } of gateway.ledger.listLeads({})) {
    expect(deliveries[0]?.state).toBe("delivered");
    if (lead.email) refs.set(lead.email, deliveries[0]?.ref ?? null);
  }
  for (const [email, ref] of refs) expect(hubspot.crm().contactBy("email", email)?.id).toBe(ref);
});

test("deals and notes of a backlog go a hundred at a time too, one of each for every lead", async () => {
  await hubspot.setUp();
  await fill(300);
  const { calls } = await drain({ deal: { stage: "appointmentscheduled" }, note: true });
  expect(hubspot.counts()).toEqual([300, 300, 300, 0]);
  expect(calls).toBeLessThan(30);
});

test("a backlog with consents to subscribe to is brought once, whoever's turn to be subscribed comes later", async () => {
  await hubspot.setUp();
  Object.assign(hubspot.vendor.settings, { limits: false });
  const marketing = aConsent({ purpose: "marketing" });
  await fill(60, (index) => (index % 2 ? {} : { consents: [aConsent(), marketing] }));
  hubspot.vendor.setFault({ type: "latency", ms: 60 });
  const pace = { limit: 10_000, intervalMs: 1_000 };
  const { paths } = await drain({ note: true, pace, timeoutMs: 800, subscriptions: { marketing: 42 } });
  const objects = paths.filter((path) => !path.includes("statuses") && !path.includes("properties"));
  expect(hubspot.counts()).toEqual([60, 0, 60, 0]);
  expect(hubspot.crm().subscriptions.all()).toHaveLength(30);
  // Two of contacts and one of notes, a second time when the lane took them in two batches.
  expect(objects.length).toBeLessThan(9);
});

test("batches whose answers name neither addresses nor trace ids are told apart all the same", async () => {
  await hubspot.setUp();
  Object.assign(hubspot.vendor.settings, { echoesTraceIds: false, multiStatus: false });
  await fill(250);
  await drain();
  expect(hubspot.counts()).toEqual([250, 0, 0, 0]);
});

test("a batch whose answer is lost after HubSpot did it leaves nobody without what is written on creation", async () => {
  await hubspot.setUp();
  hubspot.vendor.setFault({ type: "reset", when: "after", times: 2 });
  await fill(40);
  await drain();
  expect(hubspot.counts()).toEqual([40, 0, 0, 0]);
  for (const { properties } of hubspot.crm().all("contacts")) {
    expect(properties).toMatchObject({ lifecyclestage: "lead", hs_lead_status: "NEW" });
  }
});
