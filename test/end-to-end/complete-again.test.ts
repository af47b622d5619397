import { expect, onTestFinished, test } from "vitest";
import { googleSheets, hubspot } from "../../src/index.ts";
import type { Verification } from "../../src/ledger/verifications.ts";
import { deliveryIdOf, isLeadId, type LeadId } from "../../src/model/id.ts";
import { type Sandbox, serviceAccount, startSandbox } from "../../src/sandbox/index.ts";
import { aClock } from "../support/a-clock.ts";
import { aGateway, aPerson, type TestGateway } from "../support/a-gateway.ts";
import { rowsByColumn } from "../support/a-sheet.ts";
import { until } from "../support/until.ts";

const grace = { type: "console", name: "Grace" } as const;
const minuteMs = 60_000;
/** The watch takes a tenth of the time at most: where one look is slow, the next comes ten times as much later. */
const alertMs = 60_000;

/** A gateway with HubSpot and a sheet for its destinations, without the sheet's pace, and looking often at what is wrong. */
async function start(sandbox: Sandbox, now: () => number): Promise<TestGateway> {
  const { hubspot: crm, sheets } = sandbox.vendors;
  sheets.settings.limits = false;
  const spreadsheet = { spreadsheet: sheets.settings.spreadsheetId, ...serviceAccount() };
  const sheetHosts = { baseUrl: sheets.url, tokenUrl: `${sheets.url}/token` };
  const gateway = await aGateway({
    now,
    config: {
      destinations: {
        hubspot: hubspot({ accessToken: "a-token", baseUrl: crm.url, formsBaseUrl: crm.url }),
        sheets: googleSheets({ ...spreadsheet, ...sheetHosts, pace: { limit: 100_000, intervalMs: 1_000 } }),
      },
      alerts: { every: "100ms", overAfter: "300ms", diskFreeBelow: false },
    },
  });
  onTestFinished(() => gateway.close());
  return gateway;
}

/** Verdicts at a destination and how often, with their codes. */
function told({ counts }: Verification, destination: string): Record<string, number> {
  const own = counts.tallies.filter((tally) => tally.destination === destination);
  return Object.fromEntries(
    own.map(({ verdict, code, count }) => [code === null ? verdict : `${verdict} ${code}`, count]),
  );
}

test("after people have deleted, merged and replayed, verify tells exactly what is missing, and repair brings it back once", async () => {
  const clock = aClock();
  const sandbox = await startSandbox({ now: clock.now });
  onTestFinished(() => sandbox.close());
  const gateway = await start(sandbox, clock.now);
  const { ledger, completeness, alerts } = gateway.gateway;
  const { hubspot: crm, sheets } = sandbox.vendors;
  const emails = new Map<LeadId, string>();

  async function arrive(): Promise<LeadId> {
    const person = aPerson();
    const lead = await gateway.post(person);
    if (!isLeadId(lead)) throw new Error(`${lead} is no lead's id`);
    emails.set(lead, String(person.email));
    return lead;
  }

  async function contactOf(lead: LeadId): Promise<string> {
    return (await gateway.delivery(lead, "hubspot", "delivered")).ref ?? "";
  }

  function deleteRow(lead: LeadId): void {
    const row = sheets.own.rows("Leads").findIndex((cells) => cells.includes(lead));
    sheets.own.deleteRow("Leads", row);
  }

  async function missing(): Promise<string[]> {
    return (await ledger.verifications.missing({ limit: 100 })).map(({ deliveryId }) => deliveryId).sort();
  }

  // Twelve leads are everywhere; HubSpot has refused a thirteenth.
  const leads: LeadId[] = [];
  for (let i = 0; i < 12; i++) leads.push(await arrive());
  for (const lead of leads) await contactOf(lead);
  crm.setFault({ type: "status", status: 400 });
  const refused = await arrive();
  leads.push(refused);
  await gateway.delivery(refused, "hubspot", "dead");
  crm.setFault(null);
  for (const lead of leads) await gateway.delivery(lead, "sheets", "delivered");

  const [deleted, merged, mergedToo, rowGone, rowGoneToo] = leads as [LeadId, LeadId, LeadId, LeadId, LeadId];
  clock.pass(5 * minuteMs);
  crm.own.remove("contacts", await contactOf(deleted));
  crm.own.merge(await contactOf(merged), await contactOf(mergedToo));
  deleteRow(rowGone);
  deleteRow(rowGoneToo);

  const found = await completeness.verify({ actor: grace });
  expect(told(found, "hubspot")).toEqual({
    seen: 9,
    "seen under_another_id": 2,
    missing: 1,
    "dead rejected": 1,
  });
  expect(told(found, "sheets")).toEqual({ seen: 11, missing: 2 });
  expect(found.counts).toMatchObject({ leads: 13, accounted: 9 });
  expect(await missing()).toEqual(
    [deliveryIdOf(deleted, "hubspot"), deliveryIdOf(rowGone, "sheets"), deliveryIdOf(rowGoneToo, "sheets")].sort(),
  );
  const opened = await until(async () => {
    const open = (await alerts.list()).open.filter(({ kind }) => kind === "leads_missing");
    return open.length === 2 && open;
  }, alertMs);
  expect(opened.map(({ subject, figures }) => [subject?.id, figures.leads]).sort()).toEqual([
    ["hubspot", 1],
    ["sheets", 2],
  ]);

  // One row is sent again by hand, and while the rest is repaired the refused lead is replayed.
  const request = { now: clock.now(), actor: grace };
  await ledger.redeliver([deliveryIdOf(rowGone, "sheets")], request);
  await gateway.delivery(rowGone, "sheets", "delivered");
  const [repaired, { replayed }] = await Promise.all([
    completeness.verify({ actor: grace, repair: true }),
    ledger.replay({ ids: [deliveryIdOf(refused, "hubspot")] }, request),
  ]);
  expect([replayed.length, repaired.counts.repaired]).toEqual([1, 2]);
  expect(told(repaired, "sheets")).toEqual({ seen: 11, recent: 1, missing: 1 });
  for (const lead of leads) {
    for (const destination of ["hubspot", "sheets"]) await gateway.delivery(lead, destination, "delivered");
  }

  const addresses = crm.own
    .all("contacts")
    .flatMap(({ properties: { email, hs_additional_emails: more } }) => [email, ...(more ?? "").split(";")])
    .filter(Boolean);
  expect(addresses.sort()).toEqual([...emails.values()].sort());
  expect(crm.own.all("contacts")).toHaveLength(12);
  const rows = rowsByColumn(sheets.own).map((row) => row.lead_id);
  expect(rows.sort()).toEqual(leads.toSorted());

  clock.pass(5 * minuteMs);
  const complete = await completeness.verify({ actor: grace });
  expect(told(complete, "hubspot")).toEqual({ seen: 11, "seen under_another_id": 2 });
  expect(told(complete, "sheets")).toEqual({ seen: 13 });
  expect(complete.counts).toMatchObject({ leads: 13, accounted: 13 });
  expect(await missing()).toEqual([]);
  const { over } = await until(async () => {
    const list = await alerts.list();
    return list.open.length === 0 && list;
  }, alertMs);
  expect(over.filter(({ kind }) => kind === "leads_missing").map(({ subject }) => subject?.id)).toEqual(
    expect.arrayContaining(["hubspot", "sheets"]),
  );
}, 150_000);
