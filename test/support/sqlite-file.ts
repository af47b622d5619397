import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { atTestEnd } from "./test-end.ts";

/** A new temporary folder, removed when the test is over. */
export function aFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "leadkeep-"));
  atTestEnd(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A connection of the test's own to a database file, closed when the test is over. */
export function aConnection(path: string): DatabaseSync {
  const db = new DatabaseSync(path);
  atTestEnd(() => {
    if (db.isOpen) db.close();
  });
  return db;
}

/**
 * Counts the commits of what runs meanwhile, truthfully: in the write-ahead log, where the last frame of each commit, and
 * only that, carries the size of the database (https://www.sqlite.org/fileformat2.html#walformat, read 2026-11).
 */
export async function countCommits(path: string, work: () => Promise<unknown>): Promise<number> {
  // An open snapshot keeps the log from being begun anew.
  const reader = aConnection(path);
  reader.exec("BEGIN");
  reader.prepare("SELECT COUNT(*) FROM sqlite_schema").get();
  const before = commitsIn(readFileSync(`${path}-wal`));
  await work();
  const after = commitsIn(readFileSync(`${path}-wal`));
  reader.close();
  return after - before;
}

function commitsIn(log: Buffer): number {
  if (log.length < 32) return 0;
  const frameSize = 24 + log.readUInt32BE(8);
  const salt = log.subarray(16, 24);
  let commits = 0;
  for (let at = 32; at + frameSize <= log.length; at += frameSize) {
    if (!log.subarray(at + 8, at + 16).equals(salt)) break;
    if (log.readUInt32BE(at + 4) > 0) commits += 1;
  }
  return commits;
}
