import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openPostgresLedger } from "../../src/ledger/postgres/postgres-ledger.ts";
import { masterKeysOf } from "../../src/ledger/sealing/master-keys.ts";
import { openSqliteLedger } from "../../src/ledger/sqlite/sqlite-ledger.ts";
import { aDatabase } from "../support/a-database.ts";
import { aLead, anEntry } from "../support/a-lead.ts";
import { runLeadkeep } from "../support/leadkeep-command.ts";

function aFolder(): { folder: string; path: string } {
  const folder = mkdtempSync(join(tmpdir(), "leadkeep-sealed-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return { folder, path: join(folder, "data", "ledger.db") };
}

test("rotate-keys changes the key, seals what was in clear, and a backup leaves the keys out unless asked", async () => {
  const { folder, path } = aFolder();
  const lead = aLead();
  const clear = openSqliteLedger({ path });
  await clear.accept(anEntry({ lead }));
  await clear.close();
  const [first, second] = [randomBytes(32), randomBytes(32)];
  const run = (args: string[], variables: Record<string, string>) =>
    runLeadkeep(args, { folder, variables: { LEADKEEP_DATA: "data", ...variables } });
  const base64 = (key: Buffer) => key.toString("base64");

  expect((await run(["rotate-keys"], {})).stderr).toContain("LEADKEEP_ENCRYPTION_KEY");
  const began = await run(["rotate-keys", "--seal-old", "--json"], { LEADKEEP_ENCRYPTION_KEY: base64(first) });
  expect([began.code, JSON.parse(began.stdout)]).toEqual([
    0,
    { keys: 0, leads: 1, old_keys_needed: [], clear: false, clean: true },
  ]);
  const changed = { LEADKEEP_ENCRYPTION_KEY: base64(second), LEADKEEP_OLD_ENCRYPTION_KEYS: base64(first) };
  expect((await run(["rotate-keys", "--json"], changed)).code).toBe(0);
  const alone = { LEADKEEP_ENCRYPTION_KEY: base64(second) };
  expect((await run(["show", lead.id, "--json"], alone)).stdout).toContain(String(lead.email));
  expect((await run(["leads"], {})).stderr).toMatch(/LEADKEEP_ENCRYPTION_KEY: is not set/);
  expect((await run(["backup", "without.db"], alone)).stderr).toMatch(/keys are not in it/);
  await run(["backup", "with.db", "--with-keys"], alone);
  expect(statSync(join(folder, "with.db.keys")).mode & 0o777).toBe(0o600);
}, 60_000);

test("a sealed ledger moves to Postgres with its keys", async () => {
  const { folder, path } = aFolder();
  const database = await aDatabase();
  onTestFinished(() => database.drop());
  const key = randomBytes(32);
  const masterKeys = masterKeysOf(key);
  const lead = aLead();
  const ledger = openSqliteLedger({ path, masterKeys });
  await ledger.accept(anEntry({ lead }));
  await ledger.close();
  const variables = { LEADKEEP_DATA: "data", DATABASE_URL: database.url };
  const migrate = (more: Record<string, string>) =>
    runLeadkeep(["migrate", "--to", "postgres"], { folder, variables: { ...variables, ...more } });
  expect((await migrate({})).stderr).toMatch(/LEADKEEP_ENCRYPTION_KEY/);
  expect(await migrate({ LEADKEEP_ENCRYPTION_KEY: key.toString("base64") })).toMatchObject({ code: 0 });
  const there = await openPostgresLedger({ url: database.url, masterKeys });
  onTestFinished(() => there.close());
  expect((await there.findLead(lead.id))?.lead).toEqual(lead);
}, 60_000);
