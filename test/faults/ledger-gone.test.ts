import { copyFileSync, existsSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { aGateway, aPerson, type TestGateway } from "../support/a-gateway.ts";
import { type Answer, ask } from "../support/http.ts";
import { aFolder } from "../support/sqlite-file.ts";
import { until } from "../support/until.ts";

let gateway: TestGateway | null = null;

afterEach(async () => {
  await gateway?.close();
  gateway = null;
});

async function start(dataFolder: string): Promise<TestGateway> {
  gateway = await aGateway({ dataFolder });
  return gateway;
}

function post({ url }: TestGateway): Promise<Answer> {
  return ask(`${url}/f/contact`, { headers: { "content-type": "application/json" }, body: aPerson() });
}

async function isTurnedAway(running: TestGateway): Promise<void> {
  const { status, headers, body } = await post(running);
  expect([status, headers["retry-after"], JSON.parse(body).code]).toEqual([503, "5", "ledger_unavailable"]);
  expect((await ask(`${running.url}/readyz`, { method: "GET" })).status).toBe(503);
}

test("the ledger's file is moved away: nobody is thanked until it is back, and then all goes on", async () => {
  const folder = aFolder();
  const path = join(folder, "ledger.db");
  const running = await start(folder);
  const before = await running.post(aPerson());
  // Beside it, so that nothing of it is gone.
  for (const suffix of ["", "-wal", "-shm"]) copyFileSync(path + suffix, join(folder, `copy${suffix}`));
  renameSync(path, join(folder, "away"));
  copyFileSync(join(folder, "copy"), path);
  await isTurnedAway(running);
  renameSync(join(folder, "away"), path);
  const after = await running.post(aPerson());
  for (const lead of [before, after]) expect((await running.record(lead)).lead.id).toBe(lead);
});

test("the ledger's file is deleted: nobody is thanked any more, and the next start has all that was kept", async () => {
  const folder = aFolder();
  const path = join(folder, "ledger.db");
  const running = await start(folder);
  const kept = await Promise.all(Array.from({ length: 20 }, () => running.post(aPerson())));
  for (const suffix of ["", "-wal", "-shm"]) rmSync(path + suffix);
  await isTurnedAway(running);
  await until(() => existsSync(path));
  await isTurnedAway(running);
  await running.close();
  const again = await start(folder);
  for (const lead of kept) expect((await again.record(lead)).lead.id).toBe(lead);
  await again.post(aPerson());
});

test("another file takes the place of the ledger's: it is left alone, and nobody is thanked", async () => {
  const [folder, other] = [aFolder(), aFolder()];
  const stranger = await start(other);
  const theirs = await stranger.post(aPerson());
  await stranger.close();
  const running = await start(folder);
  await running.post(aPerson());
  copyFileSync(join(other, "ledger.db"), join(folder, "restored"));
  renameSync(join(folder, "restored"), join(folder, "ledger.db"));
  await isTurnedAway(running);
  await running.close();
  // As a backup that was put back while the program ran: its log is the old file's.
  for (const suffix of ["-wal", "-shm"]) rmSync(join(folder, `ledger.db${suffix}`), { force: true });
  const again = await start(folder);
  expect((await again.record(theirs)).lead.id).toBe(theirs);
});
