import fc from "fast-check";
import { expect, test } from "vitest";
import type { Delivered, Presence, SyncContext } from "../../src/model/destination.ts";
import type { Lead } from "../../src/model/lead.ts";
import { aLead } from "../support/a-lead.ts";
import { aSheet, type TestSheet } from "../support/a-sheet.ts";
import { aDelivered } from "../support/read-back.ts";

async function look(sheet: TestSheet, deliveries: readonly Delivered[]): Promise<(Presence | undefined)[]> {
  const context: SyncContext = { ...sheet.tools, correctPace() {} };
  const presences = await sheet.destination.readBack?.(deliveries, context);
  return deliveries.map(({ deliveryId }) => presences?.get(deliveryId));
}

const deliveriesOf = (leads: readonly Lead[]) => leads.map((lead) => aDelivered(lead, "sheets", "Leads"));
const rowOf = ({ person }: TestSheet, lead: Lead, title = "Leads") =>
  person.rows(title).findIndex((cells) => cells.some((cell) => cell.trim() === lead.id));

function move({ person }: TestSheet, row: number, to: string): void {
  const [header = [], cells = []] = [0, row].map((n) => person.rows("Leads")[n]);
  if (!person.tabs().includes(to)) person.addTab(to, [header]);
  person.insertRow(to, 1, cells);
  person.deleteRow("Leads", row);
}

test("three requests tell of any number of rows", async () => {
  const sheet = aSheet();
  const leads = Array.from({ length: 1_500 }, () => aLead());
  for (let i = 0; i < leads.length; i += 500) await sheet.deliver(leads.slice(i, i + 500));
  sheet.person.deleteRow("Leads", rowOf(sheet, leads[700] as Lead));
  sheet.calls.length = 0;
  const told = await look(sheet, deliveriesOf(leads));
  expect(told.flatMap((presence, n) => (presence?.type === "seen" ? [] : [[n, presence]]))).toEqual([
    [700, { type: "missing" }],
  ]);
  expect(sheet.calls).toHaveLength(3);
});

test("a row in a tab of a person's own is there, under that tab's name", async () => {
  const sheet = aSheet();
  const leads = [aLead(), aLead()];
  await sheet.deliver(leads);
  move(sheet, rowOf(sheet, leads[1] as Lead), "Won");
  expect(await look(sheet, deliveriesOf(leads))).toEqual([{ type: "seen" }, { type: "seen", as: "Won" }]);
});

test("the list of dead letters, which names the lead too, is not taken for its row", async () => {
  const sheet = aSheet();
  const lead = aLead();
  await sheet.deliver([lead]);
  sheet.person.deleteRow("Leads", rowOf(sheet, lead));
  sheet.person.addTab("Failed Integrations", [
    ["id", "type", "lead_id"],
    ["dlv_1#1", "hubspot", lead.id],
  ]);
  expect(await look(sheet, deliveriesOf([lead]))).toEqual([{ type: "missing" }]);
});

test("a tab that was deleted takes its rows along; one without its column of ids tells nothing", async () => {
  const sheet = aSheet();
  const leads = [aLead(), aLead()];
  await sheet.deliver(leads);
  const header = sheet.person.rows("Leads")[0] ?? [];
  sheet.person.edit("Leads", 0, header.indexOf("lead_id"), "");
  for (const lead of leads) {
    const row = rowOf(sheet, lead);
    sheet.person.edit("Leads", row, header.indexOf("lead_id"), "");
  }
  expect((await look(sheet, deliveriesOf(leads))).map((presence) => presence?.type)).toEqual(["unknown", "unknown"]);
  sheet.person.deleteTab("Leads");
  expect(await look(sheet, deliveriesOf(leads))).toEqual([{ type: "missing" }, { type: "missing" }]);
});

test.each(["lost", "503", "429", "garbage"] as const)("a request that ends in %s tells of nobody", async (mishap) => {
  const sheet = aSheet();
  const lead = aLead();
  await sheet.deliver([lead]);
  for (const nth of [1, 2, 3]) {
    let n = 0;
    sheet.before(() => {
      n += 1;
      return n === nth ? mishap : null;
    });
    expect(await look(sheet, deliveriesOf([lead, aLead()]))).toMatchObject([{ type: "unknown" }, { type: "unknown" }]);
  }
});

test("a spreadsheet that is not shared any more, or gone, tells of nobody", async () => {
  const sheet = aSheet();
  const lead = aLead();
  await sheet.deliver([lead]);
  for (const settings of [{ shared: false }, { shared: true, spreadsheetId: "another" }]) {
    Object.assign(sheet.vendor.settings, settings);
    expect(await look(sheet, deliveriesOf([lead]))).toMatchObject([{ type: "unknown" }]);
  }
});

const fates = fc.constantFrom("stays", "deleted", "moved", "edited", "copied");
const stories = fc.record({
  fates: fc.array(fates, { minLength: 1, maxLength: 30 }),
  sorted: fc.boolean(),
  renamed: fc.boolean(),
});

test("whatever people sort, move, copy and delete, each row gets the right verdict", async () => {
  await fc.assert(
    fc.asyncProperty(stories, async ({ fates, sorted, renamed }) => {
      const sheet = aSheet();
      const { person } = sheet;
      const leads = fates.map(() => aLead());
      await sheet.deliver(leads);
      if (sorted) person.sort("Leads", 1, true);
      const wanted = leads.map((lead, i): Presence => {
        const row = rowOf(sheet, lead);
        const fate = fates[i];
        if (fate === "deleted") person.deleteRow("Leads", row);
        if (fate === "moved") move(sheet, row, "Won");
        if (fate === "edited") person.edit("Leads", row, 3, "Somebody else");
        if (fate === "copied") {
          if (!person.tabs().includes("Won")) person.addTab("Won", [person.rows("Leads")[0] ?? []]);
          person.insertRow("Won", 1, person.rows("Leads")[row] ?? []);
        }
        return fate === "deleted"
          ? { type: "missing" }
          : fate === "moved"
            ? { type: "seen", as: "Won" }
            : { type: "seen" };
      });
      if (renamed && person.rows("Leads").length > 1) person.edit("Leads", 0, 0, "Number");
      expect(await look(sheet, deliveriesOf(leads))).toEqual(wanted);
    }),
    { numRuns: Number(process.env.LEADKEEP_RUNS ?? 60) },
  );
}, 60_000);
