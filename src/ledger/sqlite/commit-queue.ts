import type { DatabaseSync } from "node:sqlite";
import { LedgerUnavailable } from "../../model/errors.ts";
import { asUnavailable, cures, isBusy } from "./sqlite-error.ts";
import type { Turnstile } from "./turnstile.ts";

type Job = { work(): unknown; since: number; resolve(value: never): void; reject(error: unknown): void };

export type CommitQueueOptions = {
  path: string;
  /** Runs at the end of each transaction, before it is committed. */
  beforeCommit?(): void;
  /** Told after a transaction was undone, so that nothing remembers what it had written. */
  rolledBack?(): void;
  /** Told after a commit how many writes shared it. */
  committed?(writes: number): void;
  /** How long a write waits for another process's lock. @default 2_000 */
  patienceMs?: number;
  /** Writes that may wait before new ones are turned away. @default 20_000 */
  longest?: number;
  /** Between this connection and that of another thread, while there is one. */
  turnstile?(): Turnstile | null;
};

/** Writes per transaction at most, so that one commit cannot hold up the event loop for long. */
const largestBatch = 512;
const lockPollMs = 10;

/**
 * Group commit: writes that arrive while the event loop is busy share one transaction and one fsync. A write that throws
 * takes no other down: the batch is rolled back and each write is done again alone, so writes must be repeatable.
 */
export function createCommitQueue(db: DatabaseSync, options: CommitQueueOptions) {
  const { path, patienceMs = 2_000, longest = 20_000 } = options;
  const begin = db.prepare("BEGIN IMMEDIATE");
  const commit = db.prepare("COMMIT");
  const rollback = db.prepare("ROLLBACK");
  let waiting: Job[] = [];
  let scheduled = false;
  let closed = false;
  const idle: (() => void)[] = [];

  /** Runs `work` inside a transaction; resolves with its result once that is on disk. */
  function write<T>(work: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (closed || waiting.length >= longest) {
        const cause = closed ? "is closed" : `has ${longest} writes waiting`;
        reject(new LedgerUnavailable(`The ledger at ${path} ${cause}.`));
        return;
      }
      waiting.push({ work, since: performance.now(), resolve, reject });
      schedule();
    });
  }

  function schedule(): void {
    if (scheduled) return;
    scheduled = true;
    // A whole turn of the event loop later, so that everything the turn brings shares the commit.
    setImmediate(setImmediate, flush);
  }

  function flush(): void {
    const turnstile = options.turnstile?.() ?? null;
    if (turnstile && !turnstile.take()) return void turnstile.wait().then(flush);
    scheduled = false;
    const batch = waiting.splice(0, largestBatch);
    const locked = transact(batch);
    turnstile?.release();
    waiting = [...locked, ...waiting];
    if (locked.length > 0) giveUpImpatient();
    if (locked.length > 0 && waiting.length > 0) {
      scheduled = true;
      setTimeout(flush, lockPollMs);
    } else if (waiting.length > 0) {
      schedule();
    } else {
      for (const resolve of idle.splice(0)) resolve();
    }
  }

  /** Answers the jobs it could not begin because another process holds the lock; all others have their answer. */
  function transact(batch: readonly Job[]): readonly Job[] {
    const results: unknown[] = [];
    try {
      begin.run();
      for (const job of batch) results.push(job.work());
      options.beforeCommit?.();
      commit.run();
    } catch (error) {
      if (!db.isTransaction && isBusy(error)) return batch;
      if (db.isTransaction) rollback.run();
      options.rolledBack?.();
      const known = asUnavailable(error, path);
      if (batch.length > 1 && known === error) return batch.flatMap((job) => transact([job]));
      for (const job of batch) job.reject(known);
      return [];
    }
    for (const [i, job] of batch.entries()) job.resolve(results[i] as never);
    options.committed?.(batch.length);
    return [];
  }

  function giveUpImpatient(): void {
    const limit = performance.now() - patienceMs;
    const impatient = waiting.filter((job) => job.since < limit);
    waiting = waiting.filter((job) => job.since >= limit);
    if (impatient.length === 0) return;
    const lockedTooLong = new LedgerUnavailable(
      `The ledger at ${path} cannot be used: it is locked by another process. ${cures.wait}`,
    );
    for (const job of impatient) {
      job.reject(lockedTooLong);
    }
  }

  /** Turns new writes away, and resolves when those asked for before have been committed or refused. */
  function close(): Promise<void> {
    closed = true;
    if (waiting.length === 0 && !scheduled) return Promise.resolve();
    return new Promise((resolve) => idle.push(resolve));
  }

  return { write, close };
}
