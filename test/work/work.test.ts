import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, expect, onTestFinished, test } from "vitest";
import { type VendorName, vendorCalls, vendors } from "../../bench/rows/vendor-calls.ts";
import { openPostgresLedger } from "../../src/ledger/postgres/postgres-ledger.ts";
import { openSqliteLedger } from "../../src/ledger/sqlite/sqlite-ledger.ts";
import { putOff } from "../conformance/ledger/steps.ts";
import { lacks } from "../faults/a-program.ts";
import { aPostgres } from "../support/a-postgres.ts";
import { aFolder } from "../support/sqlite-file.ts";
import { expectWork, writeCounts } from "./counts.ts";
import { statementsOf } from "./statements.ts";
import { acceptAtOnce, aStandingGateway, deliverAtOnce, drainThroughLane, submitAtOnce } from "./steps.ts";
import { startWire } from "./wire.ts";

// Work is counted, not timed: the same on a busy machine. counts.json has the counts; `UPDATE_WORK=1 npx vitest run test/work`
// writes them anew, and the change of that file shows in review what a change of the code costs.

afterAll(writeCounts);

function aLedger() {
  const ledger = openSqliteLedger({ path: join(aFolder(), "ledger.db") });
  onTestFinished(() => ledger.close());
  return ledger;
}

/** A gateway that has settled down: with its first lead it looks around once, whether anybody delivers. */
async function aQuietGateway() {
  const gateway = await aStandingGateway(aFolder());
  onTestFinished(() => gateway.stop());
  await submitAtOnce(gateway, 1);
  for (let quiet = 0; quiet < 3; ) quiet = isNone(await statementsOf(() => wait(20))) ? quiet + 1 : 0;
  return gateway;
}

function isNone(counted: Record<string, number>): boolean {
  return Object.values(counted).every((count) => count === 0);
}

test("one commit keeps a whole batch of leads, with one statement each and a few for all of them", async () => {
  const gateway = await aQuietGateway();
  const one = await statementsOf(() => submitAtOnce(gateway, 1));
  const many = await statementsOf(() => submitAtOnce(gateway, 64));
  expect([one.COMMIT, many.COMMIT]).toEqual([1, 1]);
  expectWork("SQLite: accept 1 lead for 3 destinations", one);
  expectWork("SQLite: accept 64 leads at once for 3 destinations", many);
});

test("a visitor's key costs one look and one row, and a repeat writes nothing", async () => {
  const gateway = await aQuietGateway();
  expectWork("SQLite: accept 64 leads at once, with keys", await statementsOf(() => submitAtOnce(gateway, 64, "key")));
  const again = await statementsOf(() => submitAtOnce(gateway, 64, "key"));
  expect(Object.keys(again).filter((name) => /INSERT|UPDATE|DELETE/.test(name))).toEqual([]);
  expectWork("SQLite: accept the same 64 again", again);
});

test("deliveries taken together and settled together take two commits", async () => {
  const ledger = aLedger();
  await acceptAtOnce(ledger, 200);
  await deliverAtOnce(ledger, 1);
  const delivered = await statementsOf(() => deliverAtOnce(ledger, 64));
  expect(delivered.COMMIT).toBe(2);
  expectWork("SQLite: deliver 64 leads taken at once", delivered);
  expectWork(
    "SQLite: put off 64 deliveries taken at once",
    await statementsOf(() => deliverAtOnce(ledger, 64, putOff)),
  );
});

test("a lane that drains settles what has ended and takes more with the same commit", async () => {
  const ledger = aLedger();
  await acceptAtOnce(ledger, 256);
  const drained = await statementsOf(async () => expect(await drainThroughLane(ledger)).toBe(256));
  expect(drained.COMMIT).toBeLessThanOrEqual(8);
  expectWork("SQLite: drain 256 leads through a lane, 64 at once", drained);
});

test("accepting and delivering take no more statements with a thousand leads on record than with none", async () => {
  const ledger = aLedger();
  const both = async (): Promise<void> => {
    await acceptAtOnce(ledger, 64);
    await deliverAtOnce(ledger, 64);
  };
  await both();
  const early = await statementsOf(both);
  for (let i = 0; i < 16; i++) await both();
  expect(await statementsOf(both)).toEqual(early);
});

// Once more when it fails: on a machine that stalls, a batch may be cut in two. What costs more does so each time.
test("on Postgres one transaction keeps a whole batch of leads, and round trips do not grow with it", {
  retry: 2,
}, async () => {
  const { url, schema } = await aPostgres();
  const wire = await startWire(url);
  const ledger = await openPostgresLedger({ url: wire.url, schema, wakePollMs: 3_600_000 });
  onTestFinished(async () => {
    await ledger.close();
    await wire.close();
  });
  await acceptAtOnce(ledger, 64);
  await deliverAtOnce(ledger, 1);
  const one = await wire.during(() => acceptAtOnce(ledger, 1));
  const many = await wire.during(() => acceptAtOnce(ledger, 64));
  expect([one.COMMIT, many.COMMIT]).toEqual([1, 1]);
  expect(many["round trips"]).toBe(one["round trips"]);
  expectWork("Postgres: accept 1 lead for 3 destinations", one);
  expectWork("Postgres: accept 64 leads at once for 3 destinations", many);
  expectWork("Postgres: deliver 64 leads taken at once", await wire.during(() => deliverAtOnce(ledger, 64)));
});

const missing = process.platform === "linux" ? lacks("cc") : "only Linux loads such a shim";
if (missing !== null) console.warn(`test/work/work.test.ts does not count flushes to disk: ${missing}`);

test("what is kept together is made durable with one flush to disk, and a lead allocates about as much memory as ever", () => {
  const { flushes, bytesPerLead } = keptElsewhere();
  if (missing === null) expectWork("SQLite: flushes to disk", flushes);
  // Ten runs on one machine differ by less than a thousandth.
  expectWork("bytes allocated for a lead, without optimization", { bytes: Math.round(bytesPerLead) }, 0.05);
});

/** In a process of its own that never optimizes its code, with room for all it allocates: so it allocates the same each time. */
function keptElsewhere(): { flushes: Record<string, number>; bytesPerLead: number } {
  const folder = aFolder();
  const steady = [
    "--no-opt",
    "--no-maglev",
    "--no-sparkplug",
    "--min-semi-space-size=128",
    "--max-semi-space-size=128",
  ];
  const script = fileURLToPath(new URL("a-keeper.ts", import.meta.url));
  const { PATH = "" } = process.env;
  const shim = missing === null ? { LD_PRELOAD: builtShim(folder), FLUSHES_FILE: join(folder, "flushes") } : {};
  const printed = execFileSync(process.execPath, ["--no-warnings", ...steady, script, folder], {
    env: { PATH, ...shim },
  });
  return JSON.parse(String(printed));
}

function builtShim(folder: string): string {
  const shim = join(folder, "counting-disk.so");
  const source = fileURLToPath(new URL("counting-disk.c", import.meta.url));
  execFileSync("cc", ["-shared", "-fPIC", "-O1", "-o", shim, source, "-ldl"], { stdio: "pipe" });
  return shim;
}

/** Enough for two full batches where there are batches; elsewhere each lead costs the same. */
const backlogs: Record<VendorName, number> = {
  sheets: 500,
  hubspot: 200,
  pipedrive: 5,
  zapier: 5,
  make: 5,
  webhook: 5,
  "mail-team": 5,
  "mail-customer": 5,
};

test.concurrent.each(Object.entries(backlogs) as [VendorName, number][])(
  "%s is called no more often than it has to be",
  async (name, leads) => {
    const { calls, tokens } = await vendorCalls(name, leads);
    expectWork(`${vendors[name].label}: ${leads} new people`, { calls, ...(tokens === undefined ? {} : { tokens }) });
  },
);
