/**
 * https://pgboss.io on Postgres: a job for each submission, fetched in batches, each judged by itself, tried again with a growing wait.
 * A worker that died is noticed by `expireInSeconds`, here short.
 */
import { type Job, PgBoss } from "pg-boss";
import { concurrency, deliver, type Submission, startSite } from "./site.ts";

const boss = new PgBoss({
  connectionString: process.env.DATABASE_URL ?? "",
  superviseIntervalSeconds: 2,
  monitorIntervalSeconds: 2,
});
boss.on("error", () => {});
await boss.start();
await boss.createQueue("leads", {
  retryLimit: 10,
  retryDelay: 1,
  retryBackoff: true,
  retryDelayMax: 16,
  expireInSeconds: 10,
});

startSite(async (submission) => void (await boss.send("leads", submission)));
await boss.work(
  "leads",
  { batchSize: concurrency, pollingIntervalSeconds: 0.5, burstWhenBatchFull: true, perJobResults: true },
  (jobs: Job<Submission>[]) =>
    Promise.all(
      jobs.map(({ id, data }) =>
        deliver(data).then(
          () => ({ id, status: "completed" as const }),
          (error) => ({ id, status: "failed" as const, output: { message: String(error) } }),
        ),
      ),
    ),
);
