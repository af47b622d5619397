import { createHash } from "node:crypto";
import { DatabaseSync } from "node:sqlite";

/** Tells what of a ledger's file another connection has changed. */
export type LedgerWatch = {
  /** The tables whose rows are others than when it was last asked. Costs next to nothing when nothing was committed. */
  changed(): string[];
  close(): void;
};

export function watchLedger(path: string, counts: (table: string) => boolean = () => true): LedgerWatch {
  const db = new DatabaseSync(path, { readOnly: true });
  const version = db.prepare("PRAGMA data_version");
  const tables = db
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    .all()
    .map(({ name }) => String(name))
    .filter(counts);
  let seen: unknown = null;
  let digests = new Map<string, string>();

  function digestOf(table: string): string {
    const hash = createHash("sha1");
    for (const row of db.prepare(`SELECT * FROM "${table}"`).iterate()) hash.update(JSON.stringify(row));
    return hash.digest("base64");
  }

  return {
    changed() {
      const now = version.get()?.data_version;
      if (now === seen) return [];
      seen = now;
      const before = digests;
      digests = new Map(tables.map((table) => [table, digestOf(table)]));
      return tables.filter((table) => before.get(table) !== digests.get(table));
    },
    close: () => db.close(),
  };
}
