import { createReadStream } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { isBusy } from "./sqlite-error.ts";

/**
 * Takes what was deleted out of the files: the write-ahead log is emptied into the database, where `secure_delete` has zeroed
 * it. Then the file is searched for the traces, and rewritten as a whole should any be found: nothing is left to a rule that can be
 * looked at. False when another process was in the way.
 */
export async function scrub(db: DatabaseSync, path: string, traces: readonly Buffer[]): Promise<boolean> {
  try {
    if (!emptyLog(db)) return false;
    if (!(await holdsAny(path, traces))) return true;
    db.exec("VACUUM");
    return emptyLog(db);
  } catch (error) {
    if (isBusy(error)) return false;
    throw error;
  }
}

/** Per https://www.sqlite.org/pragma.html#pragma_wal_checkpoint (read 2026-11): `busy` is 0 when all of it was done. */
function emptyLog(db: DatabaseSync): boolean {
  return db.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get()?.busy === 0;
}

async function holdsAny(path: string, traces: readonly Buffer[]): Promise<boolean> {
  const longest = Math.max(0, ...traces.map(({ length }) => length));
  if (longest === 0) return false;
  let tail = Buffer.alloc(0);
  for await (const chunk of createReadStream(path, { highWaterMark: 1_048_576 })) {
    const bytes = Buffer.concat([tail, chunk as Buffer]);
    if (traces.some((trace) => bytes.includes(trace))) return true;
    tail = bytes.subarray(Math.max(0, bytes.length - longest));
  }
  return false;
}

/** Pieces of a lead's document that are the person's alone: how to reach them, and what they filled in. */
export function tracesOf(document: string): Buffer[] {
  const contact = /"email":.*?(?=,"company":)/s.exec(document)?.[0] ?? "";
  const fields = /"form_data":\{.{0,400}/s.exec(document)?.[0] ?? "";
  return [contact, fields].filter((text) => text.length > 24).map((text) => Buffer.from(text));
}
