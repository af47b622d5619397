import { LedgerUnavailable } from "../../model/errors.ts";

type Job<Given, Answer> = {
  given: Given;
  since: number;
  resolve(answer: Answer): void;
  reject(error: unknown): void;
};

export type CommitQueueOptions<Given, Answer> = {
  /** Writes all of it in one transaction; answers in the same order. */
  write(batch: readonly Given[]): Promise<readonly Answer[]>;
  /** Where it is written to; for messages. */
  place: string;
  /** Told after a commit how many writes shared it. @default nobody is told */
  committed?(writes: number): void;
  /** Transactions under way at the same time at most. While one waits for the disk, the next one gathers. @default 2 */
  atOnce?: number;
  /** Writes per transaction at most. @default 512 */
  largest?: number;
  /** Writes that may wait before new ones are turned away. @default 20_000 */
  longest?: number;
  /** How long a write may wait for its turn. @default 5_000 */
  patienceMs?: number;
};

/**
 * Group commit: writes that come while others are under way share one transaction and one flush to disk. A write that cannot
 * be done takes no other down: its batch is halved until it stands alone. When the database is gone, all that wait hear of it
 * at once.
 */
export function createCommitQueue<Given, Answer>(options: CommitQueueOptions<Given, Answer>) {
  const { write, place, atOnce = 2, largest = 512, longest = 20_000, patienceMs = 5_000 } = options;
  let waiting: Job<Given, Answer>[] = [];
  let underWay = 0;
  let scheduled = false;
  let closed = false;
  const idle: (() => void)[] = [];

  function add(given: Given): Promise<Answer> {
    return new Promise<Answer>((resolve, reject) => {
      if (closed || waiting.length >= longest) {
        const cause = closed ? "is closed" : `has ${longest} writes waiting`;
        reject(new LedgerUnavailable(`The ledger at ${place} ${cause}.`));
        return;
      }
      waiting.push({ given, since: performance.now(), resolve, reject });
      schedule();
    });
  }

  function schedule(): void {
    if (scheduled || underWay >= atOnce || waiting.length === 0) return;
    scheduled = true;
    // A turn of the event loop later, so that everything the turn brings shares the commit.
    setImmediate(flush);
  }

  function flush(): void {
    scheduled = false;
    giveUpImpatient();
    const batch = waiting.splice(0, largest);
    if (batch.length > 0) {
      underWay += 1;
      transact(batch).then(() => {
        underWay -= 1;
        schedule();
        restIfIdle();
      });
      schedule();
    }
    restIfIdle();
  }

  /** Gives each job its answer. Never rejects. */
  async function transact(batch: readonly Job<Given, Answer>[]): Promise<void> {
    try {
      const answers = await write(batch.map(({ given }) => given));
      for (const [i, job] of batch.entries()) job.resolve(answers[i] as Answer);
      options.committed?.(batch.length);
    } catch (error) {
      if (error instanceof LedgerUnavailable) {
        for (const job of [...batch, ...waiting.splice(0)]) job.reject(error);
      } else if (batch.length === 1) {
        batch[0]?.reject(error);
      } else {
        const half = Math.ceil(batch.length / 2);
        await transact(batch.slice(0, half));
        await transact(batch.slice(half));
      }
    }
  }

  function giveUpImpatient(): void {
    const limit = performance.now() - patienceMs;
    // They wait in the order they came.
    if ((waiting[0]?.since ?? limit) >= limit) return;
    const impatient = waiting.filter(({ since }) => since < limit);
    waiting = waiting.filter(({ since }) => since >= limit);
    const error = new LedgerUnavailable(`The ledger at ${place} is too slow: a write has waited for ${patienceMs} ms.`);
    for (const job of impatient) job.reject(error);
  }

  function restIfIdle(): void {
    if (underWay === 0 && waiting.length === 0) for (const resolve of idle.splice(0)) resolve();
  }

  /** Turns new writes away, and resolves when those asked for before have been committed or refused. */
  function close(): Promise<void> {
    closed = true;
    if (waiting.length === 0 && underWay === 0) return Promise.resolve();
    return new Promise((resolve) => idle.push(resolve));
  }

  return { add, close };
}
