/**
 * A process of its own that keeps leads and says what that took: bytes allocated on the heap, and flushes to disk when
 * counting-disk.c is loaded. `node a-keeper.ts <folder>` prints JSON.
 */
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { openSqliteLedger } from "../../src/ledger/sqlite/sqlite-ledger.ts";
import { acceptAtOnce, aStandingGateway, deliverAtOnce, submitAtOnce } from "./steps.ts";

const [folder = ""] = process.argv.slice(2);
const flushesFile = process.env.FLUSHES_FILE ?? "";

const ledger = openSqliteLedger({ path: join(folder, "flushes.db") });
await acceptAtOnce(ledger, 2);
await deliverAtOnce(ledger, 2);
const flushes = {
  "accept 1 lead": await flushesOf(() => acceptAtOnce(ledger, 1)),
  "accept 64 leads": await flushesOf(() => acceptAtOnce(ledger, 64)),
  "deliver 64 leads": await flushesOf(() => deliverAtOnce(ledger, 64)),
};
await ledger.close();

const gateway = await aStandingGateway(folder);
await submitAtOnce(gateway, 200);
const bytesPerLead = (await allocatedBy(() => submitAtOnce(gateway, 200))) / 200;
await gateway.stop();
console.log(JSON.stringify({ flushes, bytesPerLead }));

async function flushesOf(work: () => Promise<void>): Promise<number> {
  const before = flushesSoFar();
  await work();
  return flushesSoFar() - before;
}

function flushesSoFar(): number {
  return existsSync(flushesFile) ? statSync(flushesFile).size : 0;
}

/** Bytes the heap has grown by. The process is started with room for all of them, so that nothing is collected meanwhile. */
async function allocatedBy(work: () => Promise<void>): Promise<number> {
  setFlagsFromString("--expose-gc");
  (globalThis as { gc?: () => void }).gc?.();
  const before = process.memoryUsage().heapUsed;
  await work();
  return process.memoryUsage().heapUsed - before;
}
