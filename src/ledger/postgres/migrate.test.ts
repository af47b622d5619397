import { readdirSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { aPostgres } from "../../../test/support/a-postgres.ts";
import { startNode } from "../../../test/support/node-process.ts";
import { MigrationFailed } from "../../model/errors.ts";
import { connectDatabase } from "./database.ts";
import { migrate } from "./migrate.ts";
import { openPostgresLedger } from "./postgres-ledger.ts";

const files = readdirSync(new URL("./migrations/", import.meta.url)).toSorted();

test("a fresh place is migrated once, and a current one is opened as it is", async () => {
  const place = await aPostgres();
  for (let i = 0; i < 2; i++) await (await openPostgresLedger(place)).close();
  const { rows } = await place.query("SELECT name FROM migrations ORDER BY name");
  expect(rows.map(({ name }) => name)).toEqual(files);
});

test("ten processes that open a fresh one at once all succeed", { timeout: 120_000 }, async () => {
  const { url, schema, query } = await aPostgres();
  const code = `
    import { once } from "node:events";
    const { openPostgresLedger } = await import(${JSON.stringify(new URL("./postgres-ledger.ts", import.meta.url).href)});
    console.log("ready");
    await once(process.stdin, "data");
    const ledger = await openPostgresLedger(${JSON.stringify({ url, schema, poolSize: 2 })});
    await ledger.checkWritable();
    await ledger.close();
    process.exit(0);`;
  const processes = Array.from({ length: 10 }, () => startNode(code));
  await Promise.all(processes.map((each) => each.printed(1)));
  for (const each of processes) each.tell("go");
  expect(await Promise.all(processes.map((each) => each.exited))).toEqual(Array(10).fill(0));
  expect((await query("SELECT name FROM migrations")).rowCount).toBe(files.length);
});

test("a schema that a newer program has migrated is refused, and left as it was", async () => {
  const place = await aPostgres();
  await (await openPostgresLedger(place)).close();
  await place.query("INSERT INTO migrations (name, applied_at) VALUES ('9001-of-the-future.sql', now())");
  const error = await openPostgresLedger(place).catch((cause) => cause);
  expect(error).toBeInstanceOf(MigrationFailed);
  expect(error.message).toMatch(/9001-of-the-future\.sql.*Use the newer Leadkeep/);
  expect((await place.query("SELECT name FROM migrations")).rowCount).toBe(files.length + 1);
});

test("a migration that fails leaves nothing behind, and says which it was", async () => {
  const place = await aPostgres();
  await place.query(`CREATE SCHEMA ${place.schema}`);
  await place.query("CREATE TABLE people (of_somebody_else text)");
  const error = await openPostgresLedger(place).catch((cause) => cause);
  expect(error).toBeInstanceOf(MigrationFailed);
  expect(error.message).toContain("0003-accounts.sql");
  expect((await place.query("SELECT to_regclass('leads') AS leads")).rows).toEqual([{ leads: null }]);
});

test("a user who may use the schema but make none opens it", async () => {
  const place = await aPostgres();
  const user = `user_of_${place.schema}`;
  await place.query(`CREATE SCHEMA ${place.schema}`);
  await place.query(`CREATE ROLE ${user} LOGIN PASSWORD 'secret'; GRANT ALL ON SCHEMA ${place.schema} TO ${user}`);
  const url = Object.assign(new URL(place.url), { username: user, password: "secret" });
  const db = connectDatabase({ url: url.href, schema: place.schema });
  onTestFinished(() => db.close());
  await migrate(db);
  await expect(migrate(db)).resolves.toBeUndefined();
  await place.query(`DROP OWNED BY ${user} CASCADE; DROP ROLE ${user}`);
});

test.each(["Public", "a-b", 'x"; DROP TABLE leads; --', ""])("a schema is not named %s", async (schema) => {
  await expect(openPostgresLedger({ url: "postgres://127.0.0.1:1/x", schema })).rejects.toThrow(RangeError);
});
