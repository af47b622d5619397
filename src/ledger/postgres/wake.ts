import { randomUUID } from "node:crypto";
import type { Database, HowLong, Transaction } from "./database.ts";

const sumOfOthers = "SELECT COALESCE(SUM(n), 0) AS n FROM changes WHERE process <> $1";
/** Rows of processes that are gone are put together when there are so many. */
const mostRows = 1_000;

/**
 * Notices that another process has committed something that may be due. Each such commit adds one to a sum of its process in the
 * same transaction; who sleeps looks at the sums of the others from time to time. No LISTEN: it needs a connection of its own,
 * which PgBouncer in transaction mode does not give, and NOTIFY makes commits wait for each other.
 */
export async function createWake(db: Database, pollMs: number) {
  const process = randomUUID();
  const listeners = new Set<() => void>();
  await db.write(putTogether);
  let seen = await others();
  let timer: NodeJS.Timeout | undefined;
  let looking = false;

  async function others(): Promise<number> {
    return Number((await db.run(sumOfOthers, [process])).rows[0]?.n);
  }

  async function look(): Promise<void> {
    if (looking) return;
    looking = true;
    // Not just now, then the next time.
    const current = await others().catch(() => seen);
    looking = false;
    if (current === seen) return;
    seen = current;
    tell();
  }

  function tell(): void {
    for (const listener of listeners) listener();
  }

  return {
    tell,
    /** A write after which something may be due. */
    changing<T>(work: (tx: Transaction) => Promise<T>, how: HowLong = {}): Promise<T> {
      return db.write(async (tx) => {
        const result = await work(tx);
        tx.sums.add("changes", { process, n: 1 });
        return result;
      }, how);
    },
    on(listener: () => void): () => void {
      listeners.add(listener);
      timer ??= setInterval(look, pollMs).unref();
      return () => listeners.delete(listener);
    },
    close(): void {
      clearInterval(timer);
    },
  };
}

/** The sum of all stays the same; a process that still runs takes its old changes for another's, and looks once for nothing. */
async function putTogether(tx: Transaction): Promise<void> {
  const [rows] = await tx.query<{ count: number }>("SELECT COUNT(*) AS count FROM changes WHERE process <> ''");
  if ((rows?.count ?? 0) <= mostRows) return;
  await tx.query(
    `WITH gone AS (DELETE FROM changes WHERE process <> '' RETURNING n)
     INSERT INTO changes (part, process, n) SELECT 0, '', COALESCE(SUM(n), 0) FROM gone
     ON CONFLICT (process, part) DO UPDATE SET n = changes.n + excluded.n`,
  );
}
