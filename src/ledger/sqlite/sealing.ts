import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { LeadId } from "../../model/id.ts";
import type { Lead } from "../../model/lead.ts";
import { toDocument } from "../lead-document.ts";
import { leadOf } from "../rows.ts";
import { clearDocuments, createDocuments, type Documents } from "../sealing/documents.ts";
import { createKeyPool } from "../sealing/key-pool.ts";
import { type KeyRow, type MasterKeys, unwrap, wrap } from "../sealing/master-keys.ts";
import { keyIdOf, seal } from "../sealing/seal.ts";
import { checkSealing, newestLeads, noSealing, type Sealing } from "../sealing/sealing.ts";
import { isKeyFile, type KeyFile, openKeyFile } from "./key-file.ts";
import type { LeadRow } from "./rows.ts";

/** Leads sealed, or keys wrapped, in one transaction. */
const atOnce = 200;
const carriedAtOnce = 2_000;
const patienceMs = 5_000;

type Write = <T>(work: () => T) => Promise<T>;

export type SqliteSealing = {
  documents: Documents;
  /** The text to keep for a new lead. */
  documentOf(lead: Lead): string;
  /** Destroys the keys of leads that are gone or erased. Runs inside the commit queue's transaction. */
  destroyKeys(): void;
  hasKeysToDestroy(): boolean;
  /** False while another process is in the way. */
  scrub(): boolean;
  sealing(write: Write): Sealing;
  close(): void;
};

/** Where the data keys of an embedded ledger are: beside it, and outside of its backups. */
export function keyFileOf(path: string): string {
  return join(dirname(path), "keys.db");
}

/**
 * Opens the keys of an embedded ledger's leads; with no master keys, and a ledger that was never sealed, there are none.
 * @throws {ConfigError}, {LeadkeepError} `keys_missing`
 */
export function openSealing(db: DatabaseSync, path: string, masters: MasterKeys | null): SqliteSealing {
  const place = keyFileOf(path);
  const wanted = (db.prepare("SELECT keys FROM sealing").get()?.keys as string | undefined) ?? null;
  if (wanted === null && masters === null) return unsealed;
  const isThere = masters !== null && (wanted === null || isKeyFile(place));
  const keys = isThere ? openKeyFile(place) : null;
  try {
    const holds = wanted === null || holdsNewest(db, keys);
    const state = { wanted, found: keys?.id ?? null, masters: keys?.masters() ?? [], holdsNewest: holds };
    checkSealing(state, masters, place);
    if (keys === null || masters === null) return unsealed;
    if (wanted === null) db.prepare("INSERT OR IGNORE INTO sealing (one, keys) VALUES (1, ?)").run(keys.id);
    return sealedBy(db, keys, masters);
  } catch (error) {
    keys?.close();
    throw error;
  }
}

/** Whether an embedded ledger holds sealed leads. Changes nothing. */
export function isSealed(path: string): boolean {
  const db = new DatabaseSync(path, { readOnly: true, timeout: patienceMs });
  try {
    const isKnown = db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'sealing'").get() !== undefined;
    return isKnown && db.prepare("SELECT 1 FROM sealing").get() !== undefined;
  } finally {
    db.close();
  }
}

/** All keys of an embedded ledger, for a move. */
export function keysOf(path: string): { id: string; count: number; pages: Iterable<readonly KeyRow[]>; close(): void } {
  const keys = openKeyFile(keyFileOf(path));
  function* pages(): Generator<readonly KeyRow[]> {
    for (let after = ""; ; ) {
      const page = keys.page(after, carriedAtOnce);
      const last = page.at(-1);
      if (!last) return;
      yield page;
      after = last.id;
    }
  }
  return { id: keys.id, count: keys.count(), pages: { [Symbol.iterator]: pages }, close: keys.close };
}

/** For a ledger that seals nothing. */
export const unsealed: SqliteSealing = {
  documents: clearDocuments,
  documentOf: toDocument,
  destroyKeys: () => {},
  hasKeysToDestroy: () => false,
  scrub: () => true,
  sealing: () => noSealing,
  close: () => {},
};

function holdsNewest(db: DatabaseSync, keys: KeyFile | null): boolean {
  const newest = db
    .prepare(
      `SELECT substr(document, 8, 22) AS id FROM (SELECT document FROM leads ORDER BY seq DESC LIMIT ${newestLeads})
       WHERE substr(document, 1, 7) = 'enc:v1:' LIMIT 1`,
    )
    .get();
  return newest === undefined || keys?.find(String(newest.id)) !== undefined;
}

function sealedBy(db: DatabaseSync, keys: KeyFile, masters: MasterKeys): SqliteSealing {
  const pool = createKeyPool(masters);
  const due = db.prepare("SELECT id FROM keys_to_destroy LIMIT ?");
  const destroyed = db.prepare("DELETE FROM keys_to_destroy WHERE id = ?");
  const documents = createDocuments((id) => {
    const row = keys.find(id);
    return row && unwrap(row, masters);
  });

  function sealedFresh(lead: Lead): string {
    let key = pool.take();
    if (!key) {
      const { keys: fresh, rows } = pool.fresh();
      keys.add(rows);
      pool.keep(fresh);
      key = pool.take();
    }
    if (!key) throw new Error("no key was made");
    return seal(toDocument(lead), key, lead.id);
  }

  function destroyKeys(): void {
    for (;;) {
      const ids = due.all(atOnce).map(({ id }) => String(id));
      if (ids.length === 0) return;
      keys.destroy(ids);
      for (const id of ids) destroyed.run(id);
    }
  }

  return {
    documents,
    documentOf: sealedFresh,
    destroyKeys,
    hasKeysToDestroy: () => due.get(1) !== undefined,
    scrub: keys.emptyLog,
    sealing: (write) => sealingOf(db, { keys, masters, documents, documentOf: sealedFresh }, write),
    close: keys.close,
  };
}

type Parts = Pick<SqliteSealing, "documents" | "documentOf"> & { keys: KeyFile; masters: MasterKeys };

function sealingOf(db: DatabaseSync, { keys, masters, documents, documentOf }: Parts, write: Write): Sealing {
  const { current } = masters;
  const page = db.prepare("SELECT * FROM leads WHERE id > ? ORDER BY id LIMIT ?");
  const rewrite = db.prepare("UPDATE leads SET document = ? WHERE id = ?");
  const note = db.prepare("SELECT note FROM lead_work WHERE lead_id = ? AND note IS NOT NULL");
  const rewriteNote = db.prepare("UPDATE lead_work SET note = ? WHERE lead_id = ?");
  const oldest = db.prepare("SELECT document FROM leads WHERE state <> 'erased' ORDER BY seq LIMIT 1");

  function sealOne(row: LeadRow): void {
    const document = documentOf(leadOf(row, []));
    rewrite.run(document, row.id);
    const noted = note.get(row.id);
    if (noted) rewriteNote.run(documents.keptNote({ id: row.id, document }, String(noted.note)), row.id);
  }

  return {
    masters: async () => keys.masters(),
    counts: async () => ({
      keys: keys.count(),
      leads: Number(db.prepare("SELECT COUNT(*) AS n FROM leads").get()?.n),
    }),
    // Under the ledger's own lock, which every process that destroys keys holds: none comes back that was destroyed meanwhile.
    rewrap: (after) =>
      write(() => {
        const rows = keys.page(after ?? "", atOnce);
        const others = rows.filter(({ master, wrapped }) => wrapped !== null && master !== current.id);
        keys.replace(others.flatMap((row) => unwrap(row, masters) ?? []).map((key) => wrap(key, current)));
        return { done: rows.length, next: rows.at(-1)?.id ?? null };
      }),
    forgetMasters: () =>
      write(() => {
        keys.forgetMasters(current.id);
        keys.emptyLog();
        return keys.masters();
      }),
    sealOld: (after) =>
      write(() => {
        const rows = page.all(after ?? "", atOnce) as LeadRow[];
        for (const row of rows) if (row.state !== "erased" && keyIdOf(row.document) === null) sealOne(row);
        return { done: rows.length, next: (rows.at(-1)?.id as LeadId | undefined) ?? null };
      }),
    holdsClear: async () => {
      const first = oldest.get();
      return first !== undefined && keyIdOf(String(first.document)) === null;
    },
  };
}
