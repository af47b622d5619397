/**
 * https://github.com/diamondio/better-queue with its SQLite store, tried again as its documentation shows. One at a time,
 * which is its default: with more, release 1.0.7 of the store empties its table of what nobody has processed.
 */
import { join } from "node:path";
import Queue from "better-queue";
import SqliteStore from "better-queue-sqlite";
import { dataFolder, deliver, type Submission, startSite } from "./site.ts";

const queue = new Queue<Submission, void>(
  (submission, done) => {
    deliver(submission).then(
      () => done(null),
      (error) => done(error),
    );
  },
  {
    store: new SqliteStore({ path: join(dataFolder, "queue.db") }),
    concurrent: 1,
    maxRetries: 10,
    retryDelay: 1_000,
  },
);
queue.on("task_failed", () => {});

// "queued": the store has it. A push alone is in memory only.
startSite((submission) => new Promise<void>((resolve) => queue.push(submission).on("queued", () => resolve())));
