import pg from "pg";
import { expect, onTestFinished, test } from "vitest";
import { aMoment, anEntry } from "../../../test/support/a-lead.ts";
import { aPostgres } from "../../../test/support/a-postgres.ts";
import { until } from "../../../test/support/until.ts";
import { LedgerUnavailable } from "../../model/errors.ts";
import { createAvailability } from "./availability.ts";
import { connectDatabase, type DatabaseOptions } from "./database.ts";
import { openPostgresLedger } from "./postgres-ledger.ts";

async function aDatabase(options: Partial<DatabaseOptions> = {}) {
  const place = await aPostgres();
  await place.query(`CREATE SCHEMA ${place.schema}`);
  await place.query("CREATE TABLE counters (id integer PRIMARY KEY, n integer NOT NULL)");
  await place.query("INSERT INTO counters VALUES (1, 0), (2, 0)");
  const db = connectDatabase({ ...place, ...options });
  onTestFinished(() => db.close());
  const add = (id: number) => db.write((tx) => tx.change("UPDATE counters SET n = n + 1 WHERE id = $1", [id]));
  const sum = async () => (await place.query("SELECT SUM(n)::integer AS n FROM counters")).rows[0]?.n;
  return { db, place, add, sum };
}

test("no transaction relies on the session of another one: a pooler may give each another connection", async () => {
  const { db, add, sum } = await aDatabase({ poolSize: 1 });
  for (let i = 0; i < 3; i++) {
    await add(1);
    await db.runAlone("DISCARD ALL");
  }
  expect(await sum()).toBe(3);
});

test("a prepared statement has the same name in every process, and another text another name", async () => {
  const { db, place } = await aDatabase({ poolSize: 1 });
  const other = connectDatabase({ ...place, poolSize: 1 });
  onTestFinished(() => other.close());
  const look =
    "SELECT name, statement FROM pg_prepared_statements WHERE statement LIKE 'SELECT % AS told' ORDER BY statement";
  const namesAfter = (database: typeof db, ...numbers: number[]) =>
    database.write(async (tx) => {
      for (const n of numbers) await tx.query(`SELECT ${n} AS told`);
      return (await tx.queryOnce<{ name: string }>(look)).map(({ name }) => name);
    });
  const names = await namesAfter(db, 1, 2);
  expect(await namesAfter(other, 2, 1)).toEqual(names);
  expect(new Set(names).size).toBe(2);
});

test("another program's statement that fails in the middle of its transaction leaves the connection of use", async () => {
  const { db, add, sum } = await aDatabase({ poolSize: 1 });
  await expect(db.runAsIs("BEGIN; SELECT 1 / 0; COMMIT")).rejects.toThrow("division by zero");
  expect((await db.runAsIs("SELECT $1::text AS told", ["told"])).rows).toEqual([{ told: "told" }]);
  await add(1);
  expect(await sum()).toBe(1);
});

test("settings end with their transaction", async () => {
  const { db, place } = await aDatabase({ poolSize: 1 });
  await db.write((tx) => tx.query("SELECT 1"));
  await db.run("SELECT 1");
  // The next statement on the connection makes no settings of its own.
  await db.runAlone(
    "CREATE TABLE public.seen AS SELECT current_setting('search_path') AS path, current_setting('statement_timeout') AS limit",
  );
  const { rows } = await place.query("SELECT * FROM public.seen");
  await place.query("DROP TABLE public.seen");
  expect(rows).toEqual([{ path: '"$user", public', limit: "0" }]);
});

test("transactions that lock each other out are done anew until all are through", async () => {
  const { db, sum } = await aDatabase();
  const both = (first: number, second: number) =>
    db.write(async (tx) => {
      for (const id of [first, second]) {
        await tx.query("UPDATE counters SET n = n + 1 WHERE id = $1", [id]);
        await new Promise((resolve) => setTimeout(resolve, 30));
      }
    });
  await Promise.all([both(1, 2), both(2, 1), both(1, 2)]);
  expect(await sum()).toBe(6);
});

test("work that throws leaves nothing written, and its connection is of use again", async () => {
  const { db, add, sum } = await aDatabase({ poolSize: 1 });
  const failing = db.write(async (tx) => {
    await tx.query("UPDATE counters SET n = 99 WHERE id = 1");
    throw new RangeError("no");
  });
  await expect(failing).rejects.toThrow(RangeError);
  await add(1);
  expect(await sum()).toBe(1);
});

test("what is sent without waiting for it is written, before what is asked after it", async () => {
  const { db, sum } = await aDatabase({ poolSize: 1 });
  const seen = await db.write(async (tx) => {
    tx.send("UPDATE counters SET n = n + $1 WHERE id = 1", [4]);
    const [row] = await tx.query<{ n: number }>("SELECT n FROM counters WHERE id = 1");
    tx.send("UPDATE counters SET n = n + $1 WHERE id = 2", [1]);
    return row?.n;
  });
  expect(seen).toBe(4);
  expect(await sum()).toBe(5);
});

test("a statement nobody waited for fails its whole transaction, which says why", async () => {
  const { db, add, sum } = await aDatabase({ poolSize: 1 });
  const failing = (asksOn: boolean) =>
    db.write(async (tx) => {
      tx.send("UPDATE counters SET n = 99 WHERE id = 1");
      tx.send("INSERT INTO counters VALUES (1, 0)");
      if (asksOn) await tx.query("SELECT 1");
      tx.send("UPDATE counters SET n = 99 WHERE id = 2");
    });
  await expect(failing(false)).rejects.toThrow(/duplicate key/);
  await expect(failing(true)).rejects.toThrow(/duplicate key/);
  await add(1);
  expect(await sum()).toBe(1);
});

test("a transaction whose process stands still lets go of its locks", { timeout: 30_000 }, async () => {
  const { db, add, sum } = await aDatabase({ statementMs: 20_000 });
  const frozen = db.write(async (tx) => {
    await tx.query("UPDATE counters SET n = 50 WHERE id = 1");
    await new Promise((resolve) => setTimeout(resolve, 6_000));
    await tx.query("SELECT 1");
  });
  const failed = expect(frozen).rejects.toThrow(LedgerUnavailable);
  await new Promise((resolve) => setTimeout(resolve, 200));
  await add(1);
  await failed;
  expect(await sum()).toBe(1);
});

test("long work never takes all connections", async () => {
  const { db, add } = await aDatabase({ poolSize: 2, connectMs: 300 });
  const slow = Array.from({ length: 6 }, () =>
    db.read(async (tx) => void (await tx.query("SELECT pg_sleep(0.1)")), { long: true }),
  );
  await add(1);
  await Promise.all(slow);
});

test("values in one message arrive as they are", async () => {
  const { db } = await aDatabase();
  const values = ["it's", 'a "word"', "back\\slash", "$1", "ü🙂", null, 42];
  const { rows } = await db.run(
    "SELECT $1 AS a, $2 AS b, $3 AS c, $4 AS d, $5 AS e, $6::text AS f, $7::bigint AS g",
    values,
  );
  expect(Object.values(rows[0] ?? {})).toEqual(values);
});

test("scrubbing removes old versions, and says when somebody still reads them", async () => {
  const place = await aPostgres();
  const ledger = await openPostgresLedger(place);
  onTestFinished(() => ledger.close());
  const { leadId } = await ledger.accept(anEntry());
  const reader = new pg.Client(place.url);
  await reader.connect();
  await reader.query(`BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT COUNT(*) FROM ${place.schema}.leads`);
  const actor = { type: "command", name: "test" } as const;
  await ledger.erase([leadId], { tombstones: [], now: aMoment, actor, followUps: () => [] });
  expect(await ledger.scrub()).toBe(false);
  await reader.end();
  await until(() => ledger.scrub());
});

test("while the database is gone one asks at a time, later and later, and the others are refused at once", () => {
  let now = 0;
  const { check, failed, succeeded } = createAvailability(() => now);
  const gone = new LedgerUnavailable("gone");
  check();
  failed(gone);
  expect(check).toThrow(gone);
  now = 100;
  check();
  expect(check).toThrow(gone);
  failed(gone);
  now = 250;
  expect(check).toThrow(gone);
  now = 300;
  check();
  succeeded();
  check();
  check();
});
