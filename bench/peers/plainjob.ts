/**
 * https://github.com/justplainstuff/plainjob on better-sqlite3. A worker does one job at a time, so there are several. It tries nothing
 * again: a job that failed stays as failed. Jobs whose process died are done again after `timeout`, here short.
 */
import { join } from "node:path";
import Database from "better-sqlite3";
import { better, defineQueue, defineWorker } from "plainjob";
import { concurrency, dataFolder, deliver, startSite } from "./site.ts";

const logger = { error() {}, warn() {}, info() {}, debug() {} };
const connection = better(new Database(join(dataFolder, "queue.db")));
const queue = defineQueue({ connection, logger, timeout: 20_000, maintenanceInterval: 1_000 });

startSite((submission) => void queue.add("lead", submission));
for (let i = 0; i < concurrency; i++) {
  const worker = defineWorker("lead", (job) => deliver(JSON.parse(job.data)), { queue, logger, pollIntervall: 100 });
  worker.start();
}
