import { mkdtempSync, readdirSync, renameSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import * as z from "zod";
import { defineDestination } from "../../src/index.ts";
import { openSqliteLedger } from "../../src/ledger/sqlite/sqlite-ledger.ts";
import { isLeadId } from "../../src/model/id.ts";
import type { Outcome } from "../../src/model/outcome.ts";
import { aDatabase } from "../support/a-database.ts";
import { aGateway, aPerson } from "../support/a-gateway.ts";
import { runLeadkeep } from "../support/leadkeep-command.ts";
import { until } from "../support/until.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "leadkeep-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const backup = (...args: string[]) =>
  runLeadkeep(["backup", ...args], { folder, variables: { LEADKEEP_DATA: "data" } });

async function aLedgerWith(leads: number): Promise<string[]> {
  const gateway = await aGateway({ dataFolder: join(folder, "data") });
  const ids: string[] = [];
  for (let i = 0; i < leads; i += 1) ids.push(await gateway.post(aPerson()));
  await gateway.close();
  return ids;
}

test("a backup taken while a gateway takes leads holds every lead thanked for before it, and opens as a ledger", async () => {
  const gateway = await aGateway({ dataFolder: join(folder, "data") });
  let going = true;
  const load = (async () => {
    while (going) await gateway.post(aPerson());
  })();
  const before = await Promise.all([gateway.post(aPerson()), gateway.post(aPerson()), gateway.post(aPerson())]);
  const { code, stdout } = await backup("copy.db", "--json");
  going = false;
  await load;
  await gateway.close();
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ file: "copy.db", verified: true });
  const restored = openSqliteLedger({ path: join(folder, "copy.db") });
  const found = await Promise.all(before.map((id) => (isLeadId(id) ? restored.findLead(id) : null)));
  await restored.close();
  expect(found.map((record) => record?.lead.id)).toEqual(before);
});

test("a backup is one file, readable by its owner only", async () => {
  await aLedgerWith(1);
  await backup("copy.db");
  expect(statSync(join(folder, "copy.db")).mode & 0o777).toBe(0o600);
  expect((await backup("--check", "copy.db")).stdout).toMatch(/whole and holds 1 leads/);
});

test("a file that exists is never overwritten by a backup", async () => {
  await aLedgerWith(1);
  writeFileSync(join(folder, "copy.db"), "mine");
  const { code, stderr } = await backup("copy.db");
  expect([code, stderr]).toEqual([1, expect.stringMatching(/exists already/)]);
  expect(statSync(join(folder, "copy.db")).size).toBe(4);
});

test("a backup that was cut off is found out", async () => {
  await aLedgerWith(20);
  await backup("copy.db");
  truncateSync(join(folder, "copy.db"), statSync(join(folder, "copy.db")).size - 8_192);
  const { code, stderr } = await backup("--check", "copy.db");
  expect([code, stderr]).toEqual([1, expect.stringMatching(/cannot be relied on/)]);
});

/** A place that can be asked what it has. */
function aPlace() {
  const writes: string[] = [];
  const definition = defineDestination({
    kind: "place",
    label: "Place",
    options: z.object({}),
    basis: "contract",
    async deliver(lead): Promise<Outcome> {
      writes.push(lead.id);
      return { type: "delivered" };
    },
    async find(lead) {
      return writes.includes(lead.id) ? { type: "found", ref: "there" } : { type: "missing" };
    },
  });
  return { writes, config: { destinations: { place: definition({}) } } };
}

test.each(["the embedded ledger", "Postgres"])(
  "what was delivered after the backup is not written again after the restore of %s, where it can be asked for",
  async (store) => {
    const place = aPlace();
    const database = store === "Postgres" ? await aDatabase() : null;
    const variables: Record<string, string> = database ? { DATABASE_URL: database.url } : {};
    const inStore = { folder, variables: { LEADKEEP_DATA: "data", ...variables } };
    const start = () => aGateway({ dataFolder: join(folder, "data"), config: place.config, variables });
    const first = await start();
    const reason = { code: "paused", message: "paused by a person" };
    await first.gateway.ledger.pause({ destination: "place", since: Date.now(), by: "person", reason });
    await until(() => first.gateway.status().every(({ pause }) => pause !== null));
    const lead = await first.post(aPerson());
    if (!database) await backup("copy.db");
    const asBackedUp = await database?.query("SELECT * FROM deliveries");
    await first.gateway.ledger.resume("place", { now: Date.now(), actor: { type: "command", name: "test" } });
    await first.delivery(lead, "place", "delivered");
    await first.close();
    if (database) {
      // The row as it was, as a dump would bring it back.
      const [row] = asBackedUp ?? [];
      await database.query("UPDATE deliveries SET state = $1, due_at = $2, attempts = 0", [row?.state, row?.due_at]);
      await database.query("DELETE FROM attempts");
    } else {
      for (const name of readdirSync(join(folder, "data")).filter((one) => one.startsWith("ledger.db"))) {
        rmSync(join(folder, "data", name));
      }
      renameSync(join(folder, "copy.db"), join(folder, "data/ledger.db"));
    }
    expect((await runLeadkeep(["restored"], inStore)).stdout).toMatch(/^1 delivery waits/);
    await runLeadkeep(["resume", "place"], inStore);
    const second = await start();
    expect(await second.delivery(lead, "place", "delivered")).toMatchObject({ ref: "there" });
    await second.close();
    await database?.drop();
    expect(place.writes).toEqual([lead]);
  },
);

test.each([
  ["a folder that is not there", ["nowhere/copy.db"], /could not be written/],
  ["a check of nothing", ["--check", "copy.db"], /no such file/],
])("%s is said in a sentence", async (_, args, words) => {
  await aLedgerWith(1);
  const { code, stderr } = await backup(...args);
  expect([code, stderr]).toEqual([1, expect.stringMatching(words)]);
});

test("for a ledger in Postgres the command says by which tool, and how", async () => {
  const variables = { DATABASE_URL: "postgres://user:s3cr3t@127.0.0.1:1/leads" };
  const { code, stderr } = await runLeadkeep(["backup", "copy.db"], { folder, variables });
  expect([code, stderr]).toEqual([1, expect.stringMatching(/pg_dump/)]);
  expect(stderr).not.toContain("s3cr3t");
});
