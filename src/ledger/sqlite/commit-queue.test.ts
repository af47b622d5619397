import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "vitest";
import { aConnection, aFolder, countCommits } from "../../../test/support/sqlite-file.ts";
import { LedgerUnavailable } from "../../model/errors.ts";
import { type CommitQueueOptions, createCommitQueue } from "./commit-queue.ts";

function aQueue(options: Partial<CommitQueueOptions> = {}) {
  const path = join(aFolder(), "queue.db");
  const db = aConnection(path);
  db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE notes (n INTEGER PRIMARY KEY)");
  db.exec("PRAGMA busy_timeout = 0");
  const insert = db.prepare("INSERT INTO notes (n) VALUES (?)");
  const queue = createCommitQueue(db, { path, ...options });
  const note = (n: number) => queue.write(() => insert.run(n));
  return { path, db, ...queue, note, notes: () => notesIn(db) };
}

function notesIn(db: DatabaseSync): number[] {
  return db
    .prepare("SELECT n FROM notes ORDER BY n")
    .all()
    .map((row) => row.n as number);
}

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);

describe("group commit", () => {
  test("writes asked for at once share one commit", async () => {
    const { path, note, notes } = aQueue();
    expect(await countCommits(path, () => Promise.all(upTo(500).map(note)))).toBe(1);
    expect(notes()).toEqual(upTo(500));
  });

  test("a great many share few, none of them long", async () => {
    const { path, note } = aQueue();
    expect(await countCommits(path, () => Promise.all(upTo(1_200).map(note)))).toBe(3);
  });

  test("writes asked for one after another have a commit each", async () => {
    const { path, note } = aQueue();
    const oneByOne = async () => {
      for (const n of upTo(5)) await note(n);
    };
    expect(await countCommits(path, oneByOne)).toBe(5);
  });

  test("a resolved write is on disk: another connection sees it", async () => {
    const { path, note } = aQueue();
    const other = aConnection(path);
    await note(1);
    expect(notesIn(other)).toEqual([1]);
  });

  test("each write resolves to its own result", async () => {
    const { write } = aQueue();
    expect(await Promise.all(upTo(10).map((n) => write(() => n * n)))).toEqual(upTo(10).map((n) => n * n));
  });
});

describe("a write that throws", () => {
  test("is rejected with its own error and takes no other down", async () => {
    const { note, write, notes } = aQueue();
    const broken = write(() => {
      throw new Error("broken write");
    });
    const others = upTo(20).map(note);
    await expect(broken).rejects.toThrow("broken write");
    await Promise.all(others);
    expect(notes()).toEqual(upTo(20));
  });

  test("leaves nothing of itself behind", async () => {
    const { db, write, notes } = aQueue();
    const halfDone = write(() => {
      db.exec("INSERT INTO notes (n) VALUES (1)");
      throw new Error("half done");
    });
    await expect(halfDone).rejects.toThrow("half done");
    expect(notes()).toEqual([]);
  });

  test("of several, each gets its own error", async () => {
    const { note, notes } = aQueue();
    const results = await Promise.allSettled([1, 2, 1, 3, 2].map(note));
    expect(results.map(({ status }) => status)).toEqual([
      "fulfilled",
      "fulfilled",
      "rejected",
      "fulfilled",
      "rejected",
    ]);
    expect(notes()).toEqual([1, 2, 3]);
  });
});

describe("a lock held by another connection", () => {
  test("makes writes wait until it is let go", async () => {
    const { path, note, notes } = aQueue({ patienceMs: 20_000 });
    const other = aConnection(path);
    other.exec("BEGIN IMMEDIATE");
    const writes = Promise.all(upTo(3).map(note));
    await new Promise((resolve) => setTimeout(resolve, 50));
    other.exec("COMMIT");
    await writes;
    expect(notes()).toEqual([0, 1, 2]);
  });

  test("does not keep the event loop from running meanwhile", async () => {
    const { path, note } = aQueue({ patienceMs: 20_000 });
    const other = aConnection(path);
    other.exec("BEGIN IMMEDIATE");
    const order: string[] = [];
    const write = note(1).then(() => order.push("written"));
    await new Promise((resolve) => setTimeout(resolve, 50));
    order.push("meanwhile");
    other.exec("COMMIT");
    await write;
    expect(order).toEqual(["meanwhile", "written"]);
  });

  test("for longer than their patience refuses them, with nothing written, and later ones go through", async () => {
    const { path, note, notes } = aQueue({ patienceMs: 30 });
    const other = aConnection(path);
    other.exec("BEGIN IMMEDIATE");
    const results = await Promise.allSettled([note(1), note(2)]);
    other.exec("COMMIT");
    for (const result of results) {
      expect(result).toMatchObject({ status: "rejected", reason: expect.any(LedgerUnavailable) });
    }
    await note(3);
    expect(notes()).toEqual([3]);
  });
});

describe("the queue's end", () => {
  test("beyond the longest queue new writes are turned away", async () => {
    const { note, notes } = aQueue({ longest: 2 });
    const [first, second, third] = await Promise.allSettled([note(1), note(2), note(3)]);
    expect([first?.status, second?.status, third?.status]).toEqual(["fulfilled", "fulfilled", "rejected"]);
    expect(third).toMatchObject({ reason: { code: "ledger_unavailable" } });
    await note(4);
    expect(notes()).toEqual([1, 2, 4]);
  });

  test("closing finishes what was asked for and turns away what comes later", async () => {
    const { note, close, notes } = aQueue();
    const writes = Promise.all([note(1), note(2)]);
    const closed = close();
    await expect(note(3)).rejects.toThrow("is closed");
    await Promise.all([writes, closed]);
    expect(notes()).toEqual([1, 2]);
  });

  test("closing an idle queue resolves at once", async () => {
    const { note, close } = aQueue();
    await note(1);
    await close();
  });
});
