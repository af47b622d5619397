import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { aLead, aMoment, anEntry, aWithheldDelivery } from "../../../test/support/a-lead.ts";
import { newLeadId } from "../../model/id.ts";
import type { LeadFilter } from "../ledger.ts";
import { prepareConsents } from "./consents.ts";
import { prepareInterests } from "./interests.ts";
import { prepareLeads } from "./leads.ts";
import { migrate } from "./migrate.ts";
import { preparePlans } from "./plans.ts";
import { unsealed } from "./sealing.ts";
import { prepareSources } from "./sources.ts";
import { prepareTallies } from "./tallies.ts";
import { prepareWork } from "./work.ts";

function aStore() {
  const db = new DatabaseSync(":memory:");
  migrate(db, ":memory:");
  const consents = prepareConsents(db, prepareInterests(db, { statusAt: [], oncePerPerson: [] }));
  const work = prepareWork(db, () => {}, unsealed.documents);
  const parts = { consents, plans: preparePlans(db), work, tallies: prepareTallies(db), sealed: unsealed };
  const leads = prepareLeads(db, parts);
  for (let i = 0; i < 50; i++) {
    leads.accept(anEntry({ lead: aLead({ id: newLeadId(aMoment), state: i % 2 ? "active" : "quarantined" }) }));
    leads.accept(anEntry({ deliveries: [aWithheldDelivery()] }));
  }
  parts.tallies.write();
  return db;
}

/** What SQLite does to answer the statements that are prepared meanwhile. */
function plansOf(db: DatabaseSync, work: () => void): string[] {
  const prepare = db.prepare.bind(db);
  const statements: string[] = [];
  db.prepare = (sql) => {
    statements.push(sql);
    return prepare(sql);
  };
  work();
  db.prepare = prepare;
  return statements.flatMap((sql) =>
    prepare(`EXPLAIN QUERY PLAN ${sql}`)
      .all()
      .map(({ detail }) => String(detail)),
  );
}

const filters: [LeadFilter, string][] = [
  [{}, "SEARCH leads USING COVERING INDEX sqlite_autoindex_leads_1"],
  [{ since: aMoment, until: aMoment + 1 }, "SEARCH leads USING COVERING INDEX sqlite_autoindex_leads_1"],
  [{ form: "contact" }, "SEARCH leads USING COVERING INDEX leads_by_form"],
  [{ state: "quarantined" }, "SEARCH leads USING COVERING INDEX leads_set_apart"],
  [{ deliveryState: "dead", destination: "crm" }, "SEARCH deliveries USING COVERING INDEX deliveries_by_state"],
  [{ deliveryState: "withheld" }, "SEARCH deliveries USING COVERING INDEX deliveries_by_state"],
  [{ deliveryState: "pending", destination: "crm" }, "SEARCH deliveries USING COVERING INDEX deliveries_by_state"],
  [{ stage: "done" }, "SEARCH lead_work USING COVERING INDEX lead_work_by_stage"],
  [{ assignee: "ada" }, "SEARCH lead_work USING COVERING INDEX lead_work_by_assignee"],
];

test.for(["before ANALYZE", "after ANALYZE"])("lists are read from an index, in its order, %s", (when) => {
  const db = aStore();
  if (when === "after ANALYZE") db.exec("ANALYZE");
  const sources = prepareSources(db);
  for (const [filter, expected] of filters) {
    const plans = plansOf(db, () => sources.open(filter));
    expect(plans.some((step) => step.startsWith(expected))).toBe(true);
    for (const step of plans) expect(step).not.toMatch(/^SCAN|TEMP B-TREE/);
  }
});

test("what is under way is found by its own index, however many others there are", () => {
  const db = aStore();
  const sources = prepareSources(db);
  const plans = plansOf(db, () => sources.open({ deliveryState: "claimed" }));
  expect(plans.join("\n")).toContain("USING COVERING INDEX deliveries_claimed");
});
