import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { aLead, aMoment, anEntry } from "../../../test/support/a-lead.ts";
import { aPostgres, aPostgresPlace } from "../../../test/support/a-postgres.ts";
import type { Ledger } from "../ledger.ts";
import { dueTimes } from "./claims.ts";
import { byIndex } from "./database.ts";
import { due } from "./engine-ledger.ts";
import { locked } from "./engine-pg-boss.ts";
import { first, late } from "./engine-pump.ts";
import { openPostgresLedger } from "./postgres-ledger.ts";
import { deliverAll, supersedeRetrying, supersedeStopped } from "./settlements.ts";

/** Waiting for the future while the tables' statistics are of a time when there was nothing. */
const waiting = Number(process.env.WAITING_DELIVERIES ?? 40_000);

const gate = () => ({ type: "open", basis: "consent" }) as const;
const request = { destination: "crm", limit: 10, now: aMoment, leaseUntil: aMoment + 30_000, worker: "w", gate };

async function aStore() {
  const place = await aPostgres();
  const ledger = await openPostgresLedger(place);
  return { place, ledger };
}

/** The hot statements, what they are run with, and the index each is made for. */
const dueWith = {
  types: "text, bigint, bigint, text, text, text[], bigint",
  values: `'crm', ${aMoment}, -1, '', '', '{}', 10`,
};
const firstWith = { types: "text, bigint, text[], bigint", values: `'crm', ${aMoment}, '{}', 10` };
const byPerson = { types: "text[], text[], text[]", values: `'{crm}', '{person7}', '{lead_9}'` };
const statements = [
  { text: due[0], ...dueWith, index: "deliveries_due", by: /destination = .*retry = 0.*due_at <= .*ROW\(due_at/ },
  { text: due[1], ...dueWith, index: "deliveries_due", by: /destination = .*retry = 1.*due_at <= .*ROW\(due_at/ },
  { text: first[0], ...firstWith, index: "deliveries_due", by: /destination = .*retry = 0.*due_at <= / },
  { text: first[1], ...firstWith, index: "deliveries_due", by: /destination = .*retry = 1.*due_at <= / },
  { text: late, ...firstWith, index: "deliveries_due", by: /destination = .*retry = 1.*due_at > / },
  { text: dueTimes, types: "text", values: "'crm'", index: "deliveries_due", by: /destination = .*retry = / },
  { text: supersedeRetrying, ...byPerson, index: "deliveries_retrying", by: /destination = .*person = / },
  { text: supersedeStopped, ...byPerson, index: "deliveries_stopped", by: /destination = .*person = / },
];

describe("with many deliveries that wait for the future", () => {
  let place: Place;
  beforeAll(async () => {
    place = await aPostgresPlace();
    await (await openPostgresLedger(place)).close();
    await place.query("ALTER TABLE deliveries SET (autovacuum_enabled = false)");
    await place.query("ANALYZE");
    for (const state of ["pending", "dead"]) {
      await place.query(
        `INSERT INTO deliveries (lead_id, destination, kind, purpose, state, retry, due_at, person)
         SELECT 'lead_' || $1::text || n, 'crm', 'webhook', 'enquiry', $1::text, 1, $2::bigint + n, 'person' || n
         FROM generate_series(1, $3::integer) AS n`,
        [state, aMoment + 1, waiting],
      );
    }
  }, 600_000);
  afterAll(() => place?.drop());

  test.for(["of an empty table", "of now"])(
    "each hot statement reads its own index alone, by statistics %s",
    async (time) => {
      if (time === "of now") await place.query("ANALYZE");
      for (const statement of statements) {
        for (const mode of ["force_generic_plan", "force_custom_plan"]) {
          const plan = await planOf(place, statement, mode);
          const [used, condition] =
            /using (deliveries_(?!pkey|under_way)\w+)[\s\S]*?Index Cond: (.*)/.exec(plan)?.slice(1) ?? [];
          expect([used, condition]).toEqual([statement.index, expect.stringMatching(statement.by)]);
          // The primary key is where a row that was found is written.
          expect(plan).not.toMatch(/Index Cond: \(lead_id <|(?:Seq|Full|Bitmap) Scan on deliveries/);
          expect(plan).not.toMatch(/Seq Scan|Sort|Hash|Merge/);
        }
      }
    },
  );

  test("the deliveries of fetched jobs are found by their key", async () => {
    const statement = {
      text: locked,
      types: "text, text[], text[]",
      values: "'crm', '{lead_9}', '{\"\"}'",
      index: "",
      by: / /,
    };
    const plan = await planOf(place, statement, "force_generic_plan");
    expect(plan.match(/using (\w+)/g)).toEqual(["using deliveries_pkey", "using leads_pkey"]);
  });

  test("deliveries and attempts that are settled are found by their keys", async () => {
    const statement = {
      text: deliverAll,
      types: "text[], text[], text[], integer[], bigint[], integer[], text[], text[]",
      values: "'{lead_9}', '{crm}', '{\"\"}', '{1}', '{5}', '{200}', '{NULL}', '{NULL}'",
      index: "",
      by: / /,
    };
    const plan = await planOf(place, statement, "force_generic_plan");
    expect(plan.match(/using (\w+)/g)?.toSorted()).toEqual(["using attempts_pkey", "using deliveries_pkey"]);
  });

  test("a claim looks at a handful of pages", async () => {
    const ledger = await openPostgresLedger(place);
    const entry = anEntry();
    await ledger.accept(entry);
    const reads = await blocksReadBy(place, () => ledger.claim(request));
    expect(reads.claims.map(({ lead }) => lead.id)).toEqual([entry.lead.id]);
    expect(reads.blocks).toBeLessThan(400);
    await ledger.close();
  });
});

describe("machines that claim at the same moment", () => {
  test("never have two leads of one person under way, and all are delivered in the end", async () => {
    const { place, ledger } = await aStore();
    const machines = [ledger, await openPostgresLedger(place), await openPostgresLedger(place)];
    const leads = Array.from({ length: 60 }, (_, i) => aLead({ person: `person-${i % 4}` }));
    await Promise.all(leads.map((lead) => ledger.accept(anEntry({ lead }))));
    const seen: string[] = [];
    const underWay = new Set<string>();
    await Promise.all(machines.map((machine, i) => work(machine, `w${i}`)));
    expect(seen.toSorted()).toEqual(leads.map(({ id }) => id).toSorted());
    for (const machine of machines) await machine.close();

    async function work(machine: Ledger, worker: string): Promise<void> {
      while (seen.length < leads.length) {
        for (const { lead, delivery } of await machine.claim({ ...request, worker, limit: 3 })) {
          expect(underWay.has(String(lead.person))).toBe(false);
          underWay.add(String(lead.person));
          await new Promise((resolve) => setImmediate(resolve));
          seen.push(lead.id);
          underWay.delete(String(lead.person));
          await machine.settle({
            deliveryId: delivery.id,
            n: delivery.attempts,
            durationMs: 1,
            outcome: { type: "delivered" },
            next: { state: "delivered", ref: null, warnings: [] },
          });
        }
      }
    }
  });
});

type Place = Awaited<ReturnType<typeof aPostgres>>;

async function planOf(
  place: Place,
  { text, types, values }: (typeof statements)[number],
  mode: string,
): Promise<string> {
  for (const setting of byIndex) await place.query(setting.replace("LOCAL ", ""));
  await place.query(`SET plan_cache_mode = ${mode}`);
  await place.query(`PREPARE hot (${types}) AS ${text}`);
  const { rows } = await place.query(`EXPLAIN EXECUTE hot (${values})`);
  await place.query("DEALLOCATE hot");
  return rows.map((row) => row["QUERY PLAN"]).join("\n");
}

/** Pages of the table and its indexes that are looked at meanwhile. */
async function blocksReadBy(place: Place, claim: () => ReturnType<Ledger["claim"]>) {
  const blocks = async () => {
    await place.query("SELECT pg_stat_force_next_flush()");
    const { rows } = await place.query(
      `SELECT (SELECT heap_blks_read + heap_blks_hit + idx_blks_read + idx_blks_hit FROM pg_statio_user_tables
         WHERE relid = 'deliveries'::regclass) AS n`,
    );
    return Number(rows[0]?.n);
  };
  const before = await blocks();
  const claims = await claim();
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  return { claims, blocks: (await blocks()) - before };
}
