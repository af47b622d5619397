import { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "vitest";
import { aLead, aMoment, anEntry } from "../../../test/support/a-lead.ts";
import { prepareClaims } from "./claims.ts";
import { prepareConsents } from "./consents.ts";
import { prepareInterests } from "./interests.ts";
import { prepareLeads } from "./leads.ts";
import { migrate } from "./migrate.ts";
import { preparePlans } from "./plans.ts";
import { prepareReplays } from "./replays.ts";
import { unsealed } from "./sealing.ts";
import { prepareTallies } from "./tallies.ts";
import { prepareWork } from "./work.ts";

/** Remembers every statement prepared on it. */
class RecordingDatabase extends DatabaseSync {
  readonly statements: string[] = [];

  override prepare(sql: string) {
    this.statements.push(sql);
    return super.prepare(sql);
  }
}

function aStore() {
  const db = new RecordingDatabase(":memory:");
  migrate(db, ":memory:");
  const noted = prepareInterests(db, { statusAt: [], oncePerPerson: [] });
  const plans = preparePlans(db);
  const tallies = prepareTallies(db);
  const work = prepareWork(db, () => {}, unsealed.documents);
  const leads = prepareLeads(db, { consents: prepareConsents(db, noted), plans, work, tallies, sealed: unsealed });
  db.statements.length = 0;
  const claims = prepareClaims(db, leads, plans, { interests: noted, tallies });
  const selects = db.statements.filter((sql) => sql.trimStart().startsWith("SELECT"));
  return { db, leads, claims, selects };
}

function planOf(db: DatabaseSync, sql: string): string {
  const steps = db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all();
  return steps.map(({ detail }) => detail).join("\n");
}

describe("the queries of claiming", () => {
  test.for(["before ANALYZE", "after ANALYZE"])("read only partial indexes, in their order, %s", (when) => {
    const { db, leads, selects } = aStore();
    for (let i = 0; i < 50; i++) leads.accept(anEntry());
    if (when === "after ANALYZE") db.exec("ANALYZE");
    expect(selects.length).toBeGreaterThanOrEqual(4);
    for (const sql of selects.filter((one) => !one.includes("tag = ''"))) {
      const plan = planOf(db, sql);
      const index = sql.includes("'pending'") ? "deliveries_due" : "deliveries_claimed";
      expect(plan).toContain(`INDEX ${index}`);
      expect(plan).not.toMatch(/SCAN deliveries(?! USING .*INDEX deliveries_claimed)|TEMP B-TREE|AUTOMATIC/);
    }
  });

  test("read only dead letters to replay all of them", () => {
    const { db } = aStore();
    db.statements.length = 0;
    prepareReplays(db, prepareInterests(db, { statusAt: [], oncePerPerson: [] }), () => {});
    const selects = db.statements.filter((sql) => sql.startsWith("SELECT") && sql.includes("'dead'"));
    expect(selects).toHaveLength(1);
    for (const sql of selects) expect(planOf(db, sql)).toContain("INDEX deliveries_by_cause");
  });

  test("their indexes hold nothing of what is done", () => {
    const { db, leads, claims } = aStore();
    for (let i = 0; i < 500; i++) leads.accept(anEntry({ lead: aLead({ receivedAt: aMoment + i }) }));
    const request = { destination: "crm", now: aMoment + 500, leaseUntil: aMoment, worker: "w" };
    const claimed = claims.claim({ ...request, limit: 500, gate: () => ({ type: "open", basis: "consent" }) });
    const reason = { code: "server_error", message: "answered 503" };
    for (const [i, { delivery }] of claimed.entries()) {
      const arrived = i >= 10;
      claims.settle({
        deliveryId: delivery.id,
        n: 1,
        durationMs: 1,
        outcome: arrived ? { type: "delivered" } : { type: "retry", reason },
        next: arrived
          ? { state: "delivered", ref: null, warnings: [] }
          : { state: "pending", dueAt: aMoment + 9_000, tries: 1, uncertain: false, reason },
      });
    }
    const entries = db.prepare("SELECT SUM(ncell) AS entries FROM dbstat WHERE name = ? AND pagetype = 'leaf'");
    expect(entries.get("deliveries_due")).toEqual({ entries: 10 });
    expect(entries.get("deliveries_claimed")).toEqual({ entries: 0 });
  });

  test("a claim looks at a bounded number of rows, however many find the gate closed", () => {
    const { leads, claims } = aStore();
    for (let i = 0; i < 3_000; i++) leads.accept(anEntry({ lead: aLead({ receivedAt: aMoment + i }) }));
    let asked = 0;
    const request = { destination: "crm", limit: 5, now: aMoment + 5_000, leaseUntil: aMoment, worker: "w" };
    const claimed = claims.claim({
      ...request,
      gate: () => {
        asked += 1;
        return { type: "withheld", reason: { code: "no_consent", message: "none" } };
      },
    });
    expect(claimed).toEqual([]);
    expect(asked).toBe(1_005);
  });

  test("thousands of leads of one person hold back nobody behind them for more than a few claims", () => {
    const { leads, claims } = aStore();
    for (let i = 0; i < 3_000; i++) leads.accept(anEntry({ lead: aLead({ person: "p", receivedAt: aMoment + i }) }));
    for (let i = 0; i < 5; i++) leads.accept(anEntry({ lead: aLead({ receivedAt: aMoment + 4_000 + i }) }));
    const request = { destination: "crm", limit: 4, now: aMoment + 5_000, leaseUntil: aMoment, worker: "w" };
    const open = () => ({ type: "open", basis: "consent" }) as const;
    const claimed = Array.from({ length: 5 }, () => claims.claim({ ...request, gate: open })).flat();
    expect(claimed).toHaveLength(6);
    expect(claimed.filter(({ lead }) => lead.person === "p")).toHaveLength(1);
  });
});

describe("a clock that was ahead, and has been set back", () => {
  const dayMs = 86_400_000;
  const open = () => ({ type: "open", basis: "consent" }) as const;
  const request = {
    destination: "crm",
    limit: 10,
    now: aMoment,
    leaseUntil: aMoment + 30_000,
    worker: "w",
    gate: open,
  };
  const reason = { code: "server_error", message: "answered 503" };

  function aPutOff(claims: ReturnType<typeof aStore>["claims"], dueAt: number): void {
    const [claim] = claims.claim({ ...request, limit: 1 });
    const next = { state: "pending", dueAt, tries: 1, uncertain: false, reason } as const;
    const deliveryId = claim?.delivery.id ?? "dlv_none";
    claims.settle({ deliveryId, n: 1, durationMs: 1, outcome: { type: "retry", reason }, next });
  }

  test("a lead it kept is due at once, and holds up none behind it", () => {
    const { leads, claims } = aStore();
    const [ahead, next] = [aLead({ receivedAt: aMoment + dayMs }), aLead()];
    for (const lead of [ahead, next]) leads.accept(anEntry({ lead }));
    expect(claims.nextDue("crm", { now: aMoment })).toBe(aMoment);
    const claimed = claims.claim(request).map(({ lead }) => lead.id);
    expect(claimed.toSorted()).toEqual([ahead.id, next.id].toSorted());
  });

  test("a retry that waits for longer than any can is due, and one that waits for as long is not", () => {
    const { leads, claims } = aStore();
    const [long, jumped] = [aLead(), aLead()];
    leads.accept(anEntry({ lead: long }));
    aPutOff(claims, aMoment + 5_000);
    leads.accept(anEntry({ lead: jumped }));
    aPutOff(claims, aMoment + dayMs);
    expect(claims.claim(request)).toEqual([]);
    const longestWaitMs = 5_000;
    expect(claims.nextDue("crm", { now: aMoment, longestWaitMs })).toBe(aMoment);
    expect(claims.claim({ ...request, longestWaitMs }).map(({ lead }) => lead.id)).toEqual([jumped.id]);
    expect(claims.nextDue("crm", { now: aMoment, longestWaitMs })).toBe(aMoment + 5_000);
  });

  test("a lease it gave ends no later than the longest may", () => {
    const { leads, claims } = aStore();
    leads.accept(anEntry());
    claims.claim({ ...request, now: aMoment + dayMs, leaseUntil: aMoment + dayMs + 30_000 });
    const outcome = { type: "uncertain", reason } as const;
    const next = { state: "pending", dueAt: aMoment, tries: 1, uncertain: true, reason } as const;
    const recover = { longestLeaseMs: 60_000, isDead: () => false, settle: () => ({ outcome, next }) };
    expect(claims.recover({ ...recover, now: aMoment })).toBe(0);
    expect(claims.recover({ ...recover, now: aMoment + 60_001 })).toBe(1);
  });
});
