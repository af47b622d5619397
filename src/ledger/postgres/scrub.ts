import type { Database } from "./database.ts";

/** Where a person's data may have stood. */
const tables = ["leads", "deliveries", "attempts", "consents", "lead_work", "status_marks", "last_delivered"];

/**
 * Takes what was erased out of the tables: VACUUM removes the old versions of rows, which are what an erasure leaves behind.
 *
 * What Postgres keeps beyond that, and no command of ours can take: the room of a removed row in its page until something else is
 * written there (only VACUUM FULL rewrites the file, and locks everyone out meanwhile), the write-ahead log until it is
 * recycled or its archive is deleted, standbys until they have replayed it, and backups until they end. False when old
 * versions had to stay because somebody still reads as of a time before the erasure.
 */
export async function scrub(db: Database): Promise<boolean> {
  const { rows: begun } = await db.run("SELECT pg_snapshot_xmax(pg_current_snapshot())::text AS xid");
  const keys = db.isSealed ? [`"${db.schema}_keys".data_keys`] : [];
  await db.runAlone(`VACUUM ${[...tables.map((table) => `"${db.schema}".${table}`), ...keys].join(", ")}`);
  const { rows: readers } = await db.run(
    `SELECT 1 FROM pg_stat_activity
     WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_xmin IS NOT NULL
       AND age(backend_xmin) > age(($1::text::xid8)::xid)`,
    [begun[0]?.xid],
  );
  return readers.length === 0;
}
