import { randomUUID } from "node:crypto";
import { chmodSync, existsSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import type { KeyRow } from "../sealing/master-keys.ts";
import { openOwnFile } from "./open-database.ts";

const patienceMs = 5_000;

const schema = `
  CREATE TABLE IF NOT EXISTS keyring (one INTEGER PRIMARY KEY CHECK (one = 1), id TEXT NOT NULL) STRICT;
  -- Ids of master keys that wrap keys here.
  CREATE TABLE IF NOT EXISTS masters (id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
  -- wrapped: NULL once the key was destroyed.
  CREATE TABLE IF NOT EXISTS data_keys (id TEXT PRIMARY KEY, master TEXT NOT NULL, wrapped TEXT) STRICT, WITHOUT ROWID;`;

/** Safe with several processes at once: the first one's keyring is everybody's. */
function makeTables(db: DatabaseSync): void {
  db.exec(`BEGIN IMMEDIATE; ${schema}`);
  db.prepare("INSERT OR IGNORE INTO keyring (one, id) VALUES (1, ?)").run(randomUUID());
  db.exec("COMMIT");
}

export type KeyFile = ReturnType<typeof openKeyFile>;

/** Whether the file is there, and has keys in it. */
export function isKeyFile(path: string): boolean {
  return existsSync(path);
}

/**
 * Opens the file of wrapped data keys; made when absent. All it writes is on disk when it returns. It blocks while another process
 * writes, which takes a moment now and then.
 */
export function openKeyFile(path: string) {
  openOwnFile(path);
  const db = new DatabaseSync(path, { timeout: patienceMs });
  db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON");
  if (!db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'data_keys'").get()) makeTables(db);
  for (const suffix of ["-wal", "-shm"]) if (existsSync(`${path}${suffix}`)) chmodSync(`${path}${suffix}`, 0o600);
  const insert = db.prepare("INSERT INTO data_keys (id, master, wrapped) VALUES (?, ?, ?)");
  const noteMaster = db.prepare("INSERT OR IGNORE INTO masters (id) VALUES (?)");
  const find = db.prepare("SELECT id, master, wrapped FROM data_keys WHERE id = ?");
  const destroyOne = db.prepare("UPDATE data_keys SET wrapped = NULL WHERE id = ?");
  const replace = db.prepare("UPDATE data_keys SET master = ?, wrapped = ? WHERE id = ? AND wrapped IS NOT NULL");
  const page = db.prepare("SELECT id, master, wrapped FROM data_keys WHERE id > ? ORDER BY id LIMIT ?");
  const forget = db.prepare(
    `DELETE FROM masters WHERE id <> ? AND NOT EXISTS (
       SELECT 1 FROM data_keys WHERE wrapped IS NOT NULL AND data_keys.master = masters.id)`,
  );

  function together(work: () => void): void {
    db.exec("BEGIN IMMEDIATE");
    try {
      work();
      db.exec("COMMIT");
    } catch (error) {
      if (db.isTransaction) db.exec("ROLLBACK");
      throw error;
    }
  }

  const file = {
    id: String(db.prepare("SELECT id FROM keyring").get()?.id),
    add: (rows: readonly KeyRow[]) =>
      together(() => {
        for (const master of new Set(rows.map((row) => row.master))) noteMaster.run(master);
        for (const { id, master, wrapped } of rows) insert.run(id, master, wrapped);
      }),
    find: (id: string) => find.get(id) as KeyRow | undefined,
    /** The keys are gone, and what was written of them is overwritten. */
    destroy(ids: readonly string[]): void {
      together(() => {
        for (const id of ids) destroyOne.run(id);
      });
      file.emptyLog();
    },
    /** False while another process reads. Per https://www.sqlite.org/pragma.html#pragma_wal_checkpoint (read 2026-11). */
    emptyLog: (): boolean => db.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get()?.busy === 0,
    page: (after: string, limit: number) => page.all(after, limit) as KeyRow[],
    replace: (rows: readonly KeyRow[]) =>
      together(() => {
        for (const { id, master, wrapped } of rows) {
          noteMaster.run(master);
          replace.run(master, wrapped, id);
        }
      }),
    masters: () =>
      db
        .prepare("SELECT id FROM masters ORDER BY id")
        .all()
        .map(({ id }) => String(id)),
    forgetMasters: (current: string) => void forget.run(current),
    count: () => Number(db.prepare("SELECT COUNT(*) AS n FROM data_keys").get()?.n),
    close: () => {
      if (db.isOpen) db.close();
    },
  };
  return file;
}
