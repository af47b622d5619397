import { createReadStream } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { setImmediate as breathe } from "node:timers/promises";
import { isBusy } from "./sqlite-error.ts";

/** Bytes of the file searched between two turns of the event loop. */
const searchedAtOnce = 262_144;

/**
 * Takes what was deleted out of the files: the write-ahead log is emptied into the database, where `secure_delete` has zeroed
 * it. Then the file is searched for the traces, and rewritten as a whole should any be found: nothing is left to a rule that can be
 * looked at. False when another process was in the way.
 */
export async function scrub(db: DatabaseSync, path: string, traces: readonly Buffer[]): Promise<boolean> {
  try {
    if (!(await emptyLog(db))) return false;
    if (!(await holdsAny(path, traces))) return true;
    db.exec("VACUUM");
    return await emptyLog(db);
  } catch (error) {
    if (isBusy(error)) return false;
    throw error;
  }
}

/**
 * Emptying locks out writers, so all that is in the log by now is first brought into the database while they go on. Per
 * https://www.sqlite.org/pragma.html#pragma_wal_checkpoint (read 2026-11): `busy` is 0 when all of it was done.
 */
async function emptyLog(db: DatabaseSync): Promise<boolean> {
  db.exec("PRAGMA wal_checkpoint(PASSIVE)");
  await breathe();
  return db.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get()?.busy === 0;
}

async function holdsAny(path: string, traces: readonly Buffer[]): Promise<boolean> {
  const longest = Math.max(0, ...traces.map(({ length }) => length));
  if (longest === 0) return false;
  const isIn = (bytes: Buffer): boolean => traces.some((trace) => bytes.includes(trace));
  let tail = Buffer.alloc(0);
  for await (const chunk of createReadStream(path, { highWaterMark: searchedAtOnce })) {
    const bytes = chunk as Buffer;
    // What lies across two chunks is looked for apart, since joining them would copy the whole file.
    if (isIn(Buffer.concat([tail, bytes.subarray(0, longest)])) || isIn(bytes)) return true;
    tail = Buffer.concat([tail, bytes.subarray(-longest)]).subarray(-longest);
  }
  return false;
}

/** Pieces of a lead's document that are the person's alone: how to reach them, and what they filled in. */
export function tracesOf(document: string): Buffer[] {
  const contact = /"email":.*?(?=,"company":)/s.exec(document)?.[0] ?? "";
  const fields = /"form_data":\{.{0,400}/s.exec(document)?.[0] ?? "";
  return [contact, fields].filter((text) => text.length > 24).map((text) => Buffer.from(text));
}
