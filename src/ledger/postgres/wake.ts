import type { Database, Transaction } from "./database.ts";

const sum = "SELECT COALESCE(SUM(n), 0) AS n FROM changes";

/**
 * Notices that another machine has committed something that may be due. Each such commit adds one to a sum in the same
 * transaction; who sleeps looks at the sum from time to time. No LISTEN: it needs a connection of its own, which PgBouncer in
 * transaction mode does not give, and NOTIFY makes commits wait for each other.
 */
export async function createWake(db: Database, pollMs: number) {
  const listeners = new Set<() => void>();
  /** What this process has added, those under way included. */
  let own = 0;
  let seen = await others();
  let timer: NodeJS.Timeout | undefined;
  let looking = false;

  /** What all but this process have added. Too low by those under way here, never too high. */
  async function others(): Promise<number> {
    const { rows } = await db.run(sum);
    return Number(rows[0]?.n) - own;
  }

  async function look(): Promise<void> {
    if (looking) return;
    looking = true;
    // Not just now, then the next time.
    const current = await others().catch(() => seen);
    looking = false;
    if (current <= seen) return;
    seen = current;
    tell();
  }

  function tell(): void {
    for (const listener of listeners) listener();
  }

  return {
    tell,
    /** A write after which something may be due. */
    async changing<T>(work: (tx: Transaction) => Promise<T>, how: { long?: boolean } = {}): Promise<T> {
      own += 1;
      try {
        return await db.write(async (tx) => {
          const result = await work(tx);
          tx.sums.add("changes", { n: 1 });
          return result;
        }, how);
      } catch (error) {
        own -= 1;
        throw error;
      }
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

export type Wake = Awaited<ReturnType<typeof createWake>>;
