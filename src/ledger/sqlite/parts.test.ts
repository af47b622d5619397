import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test } from "vitest";
import { aFolder } from "../../../test/support/sqlite-file.ts";
import { prepareExpiries } from "./expiries.ts";
import { migrate } from "./migrate.ts";
import { prepareOverview } from "./overview.ts";
import { preparePlans } from "./plans.ts";
import { prepareSources } from "./sources.ts";
import { prepareTallies } from "./tallies.ts";

/** More than is counted, read or ended between two turns of the event loop. */
const many = 50_001;

function aDatabase(): DatabaseSync {
  const db = new DatabaseSync(`${aFolder()}/ledger.db`);
  onTestFinished(() => db.close());
  db.exec("PRAGMA synchronous = OFF");
  migrate(db, ":memory:");
  return db;
}

const numbers = `WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${many})`;

function anOverview(db: DatabaseSync) {
  return prepareOverview(db, { plans: preparePlans(db), sources: prepareSources(db) });
}

test("deliveries that wait for a destination are counted to the last, in parts", async () => {
  const db = aDatabase();
  db.exec(`INSERT INTO deliveries (lead_id, destination, tag, kind, purpose, state, due_at)
    ${numbers} SELECT printf('lead_%08d', n), 'crm', '', 'webhook', 'enquiry', 'pending', 0 FROM numbers`);
  db.exec(`INSERT INTO deliveries (lead_id, destination, tag, kind, purpose, state)
    VALUES ('lead_1', 'crm', 'withdrawn-1', 'webhook', 'enquiry', 'pending'), ('lead_2', 'mail', '', 'mail', 'enquiry', 'dead'),
      ('lead_2', 'crm', '', 'webhook', 'enquiry', 'claimed'), ('lead_2', 'crm', 'withdrawn-1', 'webhook', 'enquiry', 'claimed')`);
  const { counts, backlog } = anOverview(db);
  expect((await counts()).map(({ destination, counts }) => ({ destination, counts }))).toEqual([
    { destination: "crm", counts: { pending: many, claimed: 1 } },
    { destination: "mail", counts: { dead: 1 } },
  ]);
  expect(await backlog()).toEqual([
    { destination: "crm", state: "claimed", count: 2 },
    { destination: "crm", state: "pending", count: many + 1 },
    { destination: "mail", state: "dead", count: 1 },
  ]);
});

test("new deliveries of a destination that came late are counted from its first lead, without those that have a row", async () => {
  const db = aDatabase();
  const plans = preparePlans(db);
  const late = plans.idOf([{ destination: "crm", kind: "webhook", purpose: "enquiry" }]);
  const lead = db.prepare(
    "INSERT INTO leads (seq, id, form, state, received_at, plan, document) VALUES (?, ?, 'contact', 'active', 0, ?, '{}')",
  );
  const hour = db.prepare("INSERT INTO lead_hours (hour, first_id, last_id, last_seq) VALUES (?, ?, ?, ?)");
  for (let n = 1; n <= 6; n++) {
    lead.run(n, `lead_${n}`, n < 4 ? null : late);
    hour.run(n, `lead_${n}`, `lead_${n}`, n);
  }
  expect(await plans.countNew("crm")).toBe(3);
  db.exec(`INSERT INTO deliveries (lead_id, destination, tag, kind, purpose, state)
    VALUES ('lead_5', 'crm', '', 'webhook', 'enquiry', 'cancelled')`);
  expect(await plans.countNew("crm")).toBe(2);
  plans.take("crm", 6);
  expect(await plans.countNew("crm")).toBe(0);
});

test("tallies are read to the last, in parts, the earliest hour first", async () => {
  const db = aDatabase();
  db.exec(`INSERT INTO lead_tallies (hour, form, source, count)
    ${numbers} SELECT n / 7 * 3600000, 'contact', CASE n % 7 WHEN 0 THEN '' ELSE 'source-' || n END, 1 FROM numbers`);
  const tallies = await prepareTallies(db).leadTallies(0);
  expect(tallies).toHaveLength(many);
  expect(new Set(tallies.map(({ source, hour }) => `${hour} ${source}`)).size).toBe(many);
  expect(tallies.map(({ hour }) => hour)).toEqual(tallies.map(({ hour }) => hour).toSorted((a, b) => a - b));
});

test("leads that are due end to the last, also behind many that stay", async () => {
  const db = aDatabase();
  db.exec(`INSERT INTO leads (seq, id, form, state, received_at, document) ${numbers}
    SELECT n, printf('lead_%08d', n), 'contact', CASE WHEN n < 1000 THEN 'erased' ELSE 'active' END, n, '{}' FROM numbers
    WHERE n <= 1500`);
  const { next, end } = prepareExpiries(db, () => {});
  const expiry = { what: "leads", form: "contact", state: "active", before: 1_401 } as const;
  const request = { now: 0, actor: { type: "machine", name: "test" } } as const;
  let ended = 0;
  for (let due = await next(expiry, 500); due.length > 0; due = await next(expiry, 500))
    ended += end(expiry, due, request);
  expect(ended).toBe(401);
  expect(await next(expiry, 500)).toEqual([]);
  expect(db.prepare("SELECT COUNT(*) AS n FROM leads").get()).toEqual({ n: 1_500 - 401 });
});

test("leads that were due and did not end are due the next time", async () => {
  const db = aDatabase();
  db.exec(
    "INSERT INTO leads (seq, id, form, state, received_at, document) VALUES (1, 'lead_1', 'contact', 'active', 1, '{}')",
  );
  const { next } = prepareExpiries(db, () => {});
  const expiry = { what: "leads", form: "contact", state: "active", before: 2 } as const;
  expect(await next(expiry, 500)).toHaveLength(1);
  expect(await next(expiry, 500)).toHaveLength(1);
});
