import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { pipedrive } from "../../src/destinations/index.ts";
import { configureDestination } from "../../src/model/configured-destination.ts";
import type { Delivered, Destination, Presence } from "../../src/model/destination.ts";
import type { Lead } from "../../src/model/lead.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/index.ts";
import type { CrmRecord } from "../../src/sandbox/vendors/pipedrive-crm.ts";
import { aLead } from "../support/a-lead.ts";
import { aDelivered, readBack } from "../support/read-back.ts";

let sandbox: Sandbox;
let destination: Destination;
beforeEach(async () => {
  sandbox = await startSandbox();
  Object.assign(sandbox.vendors.pipedrive.settings, { limits: false, searchLagMs: 0 });
  destination = configured();
});
afterEach(() => sandbox.close());

const vendor = () => sandbox.vendors.pipedrive;
const crm = () => vendor().own;
const look = (deliveries: readonly Delivered[]) => readBack(destination, deliveries);

function configured(): Destination {
  const options = { apiToken: "token", baseUrl: vendor().url, searchPace: { limit: 1_000, intervalMs: 1 } };
  const made = configureDestination("pipedrive", pipedrive(options));
  if (!made.destination) throw new Error(JSON.stringify(made.problems));
  return made.destination;
}

/** What a lead became there, its note included. `n`: the how manieth it is. */
function aRecord(type: "lead" | "deal", n = 0): { lead: Lead; record: CrmRecord; delivered: Delivered } {
  const lead = aLead();
  const field = crm().fields.deal.find(({ field_name }) => field_name === "Lead ID");
  const own = field ? { [field.field_code]: lead.id } : {};
  const common = { title: "Ada: contact", is_deleted: false, indexed_at: 0 };
  const at = new Date(lead.receivedAt + n).toISOString();
  const record: CrmRecord =
    type === "lead"
      ? { ...common, ...own, id: crypto.randomUUID(), origin_id: lead.id, add_time: at }
      : { ...common, id: crm().nextId(), custom_fields: own, add_time: at, update_time: at };
  (type === "lead" ? crm().leads : crm().deals).push(record);
  crm().notes.push({ id: crm().nextId(), content: `<p>${lead.id}</p>`, [`${type}_id`]: record.id });
  return { lead, record, delivered: aDelivered(lead, "pipedrive", String(record.id)) };
}

function deleteLead(record: CrmRecord): void {
  crm().leads.splice(crm().leads.indexOf(record), 1);
  for (const note of crm().notes) if (note.lead_id === record.id) note.content = "";
}

/** Requests by their path, and what they cost in tokens. */
function spent(): { paths: string[]; tokens: number } {
  const paths = vendor().received.map(({ path }) => (path.split("?")[0] ?? "").replace("/pipedrive/api/", ""));
  const tokens = paths.map((path) => costs.find(([pattern]) => pattern.test(path))?.[1] ?? 0);
  return { paths, tokens: tokens.reduce((sum, cost) => sum + cost, 0) };
}
const costs: [RegExp, number][] = [
  [/^v1\/(leads|notes)$/, 20],
  [/^v1\/leads\//, 2],
  [/^v2\/itemSearch$/, 20],
  [/^v2\/(deals|\w+Fields)$/, 10],
  [/^v2\/deals\//, 1],
];

describe("leads in the Leads Inbox", () => {
  test("600 of them are two requests and 40 tokens, where one by one they would be 1 200", async () => {
    const records = Array.from({ length: 600 }, (_, n) => aRecord("lead", n));
    const told = await look(records.map(({ delivered }) => delivered));
    expect(told.every((presence) => presence?.type === "seen")).toBe(true);
    expect(spent()).toEqual({ paths: ["v1/leads", "v1/leads"], tokens: 40 });
  });

  test("a few are asked for one by one", async () => {
    const records = Array.from({ length: 3 }, () => aRecord("lead"));
    await look(records.map(({ delivered }) => delivered));
    expect(spent().paths.filter((path) => /^v1\/leads\/./.test(path))).toHaveLength(3);
  });

  test("the list is read no further back than the oldest of them was kept", async () => {
    const older = 40 * 86_400_000;
    for (let n = 0; n < 1_500; n += 1) aRecord("lead", -older);
    const records = Array.from({ length: 200 }, (_, n) => aRecord("lead", n));
    const gone = records[0] as (typeof records)[number];
    deleteLead(gone.record);
    await look(records.map(({ delivered }) => delivered));
    expect(spent().paths.filter((path) => path === "v1/leads")).toHaveLength(1);
  });

  test("one that is archived is there", async () => {
    const records = Array.from({ length: 40 }, (_, n) => aRecord("lead", n));
    Object.assign(records[7]?.record ?? {}, { is_archived: true });
    expect(await look(records.map(({ delivered }) => delivered))).toEqual(Array(40).fill({ type: "seen" }));
  });

  test.each([true, false])("one that was made a deal of is seen as the deal (with our field: %s)", async (isSetUp) => {
    if (isSetUp) crm().addField("deal", "Lead ID", "varchar");
    const { record, delivered } = aRecord("lead");
    const deal = crm().convertLead(record);
    expect(await look([delivered])).toEqual([{ type: "seen", as: String(deal.id) }]);
  });

  test("one that was made a deal of a moment ago, which the search does not know yet, is seen by our field", async () => {
    crm().addField("deal", "Lead ID", "varchar");
    const { record, delivered } = aRecord("lead");
    const deal = crm().convertLead(record);
    deal.indexed_at = Date.now() + 60_000;
    expect(await look([delivered])).toEqual([{ type: "seen", as: String(deal.id) }]);
  });

  test("whose person was merged or deleted is there all the same", async () => {
    const person = crm().addPerson({ name: "Ada" });
    const { record, delivered } = aRecord("lead");
    record.person_id = person.id;
    crm().mergePersons(person, crm().addPerson({ name: "Ada L" }));
    expect(await look([delivered])).toEqual([{ type: "seen" }]);
  });

  test("of fifty that vanished at once thirty are searched for, to spare the day's budget", async () => {
    const records = Array.from({ length: 50 }, (_, n) => aRecord("lead", n));
    for (const { record } of records) deleteLead(record);
    const told = await look(records.map(({ delivered }) => delivered));
    const types = told.map((presence) => presence?.type);
    expect([
      types.filter((type) => type === "missing").length,
      types.filter((type) => type === "unknown").length,
    ]).toEqual([30, 20]);
    expect(spent().paths.filter((path) => path === "v2/itemSearch")).toHaveLength(30);
  });
});

describe("deals", () => {
  test("are asked for a hundred at a time", async () => {
    const records = Array.from({ length: 250 }, () => aRecord("deal"));
    const told = await look(records.map(({ delivered }) => delivered));
    expect(told).toEqual(Array(250).fill({ type: "seen" }));
    expect(spent()).toEqual({ paths: Array(3).fill("v2/deals"), tokens: 30 });
  });

  test.each([true, false])(
    "that were merged are seen as the deal they are part of now (deleted ones are shown: %s)",
    async (showsDeleted) => {
      vendor().settings.showsDeleted = showsDeleted;
      const [first, second] = [aRecord("deal"), aRecord("deal")];
      crm().mergeDeals(first.record, second.record);
      expect(await look([first.delivered, second.delivered])).toEqual([
        { type: "seen", as: String(second.record.id) },
        { type: "seen" },
      ]);
    },
  );
});

test("a lead without the record's id is looked for by its own, and one of a moment ago is not called missing", async () => {
  const { lead, record } = aRecord("deal");
  const gone = aLead();
  const young = aLead({ receivedAt: Date.now() });
  const told = await look([lead, gone, young].map((one) => aDelivered(one, "pipedrive", null)));
  expect(told).toMatchObject([{ type: "seen", as: String(record.id) }, { type: "missing" }, { type: "unknown" }]);
});

test("a spent daily budget is waited for until the next full hour, and nobody is called missing", async () => {
  vendor().settings.limits = true;
  vendor().settings.dailyBudget = 0;
  const { record, delivered } = aRecord("lead");
  deleteLead(record);
  const [presence] = await look([delivered, aRecord("deal").delivered]);
  expect(presence).toMatchObject({ type: "unknown", reason: { code: "rate_limited" }, waitMs: expect.any(Number) });
});

const fates = fc.constantFrom("stays", "deleted", "archived", "converted", "merged", "person merged");
const stories = fc.record({
  records: fc.array(fc.record({ type: fc.constantFrom("lead" as const, "deal" as const), fate: fates }), {
    minLength: 1,
    maxLength: 28,
  }),
  isSetUp: fc.boolean(),
  showsDeleted: fc.boolean(),
});

test("whatever people delete, convert, archive and merge, each lead gets the right verdict", async () => {
  await fc.assert(
    fc.asyncProperty(stories, async ({ records, isSetUp, showsDeleted }) => {
      sandbox.reset();
      Object.assign(vendor().settings, { limits: false, searchLagMs: 0, showsDeleted });
      destination = configured();
      if (isSetUp) crm().addField("deal", "Lead ID", "varchar");
      const made = records.map(({ type, fate }, n) => ({ type, fate, ...aRecord(type, n) }));
      const wanted = made.map(({ type, fate, record }): Presence => {
        if (fate === "deleted") {
          if (type === "lead") deleteLead(record);
          else record.is_deleted = true;
          if (type === "deal") for (const note of crm().notes) if (note.deal_id === record.id) note.content = "";
          return { type: "missing" };
        }
        if (fate === "archived") record.is_archived = true;
        if (fate === "converted" && type === "lead") return { type: "seen", as: String(crm().convertLead(record).id) };
        if (fate === "merged" && type === "deal") {
          const into = aRecord("deal").record;
          crm().mergeDeals(record, into);
          return { type: "seen", as: String(into.id) };
        }
        return { type: "seen" };
      });
      expect(await look(made.map(({ delivered }) => delivered))).toEqual(wanted);
    }),
    { numRuns: Number(process.env.LEADKEEP_RUNS ?? 25) },
  );
}, 60_000);
