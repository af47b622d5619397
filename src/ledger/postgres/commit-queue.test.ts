import { describe, expect, test } from "vitest";
import { LedgerUnavailable } from "../../model/errors.ts";
import { type CommitQueueOptions, createCommitQueue } from "./commit-queue.ts";

/** A queue whose batches are remembered and, when told so, stand still until they are let go. */
function aQueue(options: Partial<CommitQueueOptions<number, string>> = {}) {
  const batches: number[][] = [];
  const queue = createCommitQueue<number, string>({
    place: "postgres://db",
    async write(batch) {
      batches.push([...batch]);
      if (batch.includes(-1)) throw new RangeError("a bad row");
      return batch.map(String);
    },
    ...options,
  });
  return { batches, ...queue };
}

/** Writes that do not end before they are let go. */
function aGate() {
  let letGo = (): void => {};
  const open = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  return { open, letGo };
}

const upTo = (n: number) => Array.from({ length: n }, (_, i) => i);

describe("writes", () => {
  test("that come in one turn share a transaction, and each gets its own answer", async () => {
    const { add, batches } = aQueue();
    expect(await Promise.all(upTo(100).map(add))).toEqual(upTo(100).map(String));
    expect(batches).toHaveLength(1);
  });

  test("that come while transactions are under way gather for the next one", async () => {
    const gate = aGate();
    const batches: number[][] = [];
    const { add } = aQueue({
      atOnce: 1,
      async write(batch) {
        batches.push([...batch]);
        await gate.open;
        return batch.map(String);
      },
    });
    const first = add(0);
    await turn();
    const others = Promise.all([1, 2, 3].map(add));
    await turn();
    gate.letGo();
    await Promise.all([first, others]);
    expect(batches).toEqual([[0], [1, 2, 3]]);
  });

  test("beyond the largest batch go into the next one", async () => {
    const { add, batches } = aQueue({ largest: 10 });
    await Promise.all(upTo(25).map(add));
    expect(batches.map(({ length }) => length)).toEqual([10, 10, 5]);
  });

  test("that fail take no other down", async () => {
    const { add } = aQueue();
    const results = await Promise.allSettled([0, 1, -1, 3, 4, -1, 6].map(add));
    expect(results.map((result) => (result.status === "fulfilled" ? result.value : "no"))).toEqual([
      "0",
      "1",
      "no",
      "3",
      "4",
      "no",
      "6",
    ]);
  });
});

describe("a database that is gone", () => {
  test("refuses all who wait with the first one's failure", async () => {
    const { add } = aQueue({
      largest: 2,
      atOnce: 1,
      write: () => Promise.reject(new LedgerUnavailable("gone")),
    });
    const results = await Promise.allSettled(upTo(50).map(add));
    for (const result of results) expect(result).toMatchObject({ reason: { message: "gone" } });
  });

  test("with too many waiting turns new ones away, and takes them when there is room", async () => {
    const gate = aGate();
    const { add } = aQueue({
      longest: 2,
      atOnce: 1,
      async write(batch) {
        await gate.open;
        return batch.map(String);
      },
    });
    const first = add(0);
    await turn();
    const waiting = [add(1), add(2)];
    await expect(add(3)).rejects.toMatchObject({
      code: "ledger_unavailable",
      message: expect.stringContaining("2 writes"),
    });
    gate.letGo();
    await Promise.all([first, ...waiting]);
    expect(await add(4)).toBe("4");
  });

  test("keeps nobody waiting for longer than the patience", async () => {
    const gate = aGate();
    const { add } = aQueue({
      patienceMs: 20,
      atOnce: 1,
      async write(batch) {
        await gate.open;
        return batch.map(String);
      },
    });
    const first = add(0);
    await turn();
    const waiting = add(1);
    setTimeout(gate.letGo, 100);
    await expect(waiting).rejects.toThrow("too slow");
    expect(await first).toBe("0");
  });
});

test("closing finishes what was asked for and turns away what comes later", async () => {
  const { add, close } = aQueue();
  const writes = Promise.all([1, 2].map(add));
  const closed = close();
  await expect(add(3)).rejects.toThrow("is closed");
  await Promise.all([writes, closed]);
  await close();
});

/** Until all that was asked for has begun. */
async function turn(): Promise<void> {
  for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve));
}
