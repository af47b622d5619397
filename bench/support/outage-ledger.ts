import { DatabaseSync } from "node:sqlite";
import { toDocument } from "../../src/ledger/lead-document.ts";
import { preparePlans } from "../../src/ledger/sqlite/plans.ts";
import { openSqliteLedger } from "../../src/ledger/sqlite/sqlite-ledger.ts";
import { aBenchLead } from "./fill-ledger.ts";

/** The destination that has been out for a year, and another one that has had every lead. Both are webhooks. */
export const out = "crm";
export const other = "other";

const number = 987_654_321;

/**
 * Makes a ledger in which so many leads of a year wait for one destination: the older half were tried once before it was paused,
 * the newer ones never. Rows are made by SQLite itself, since their texts hardly matter.
 */
export function fillOutage(path: string, waiting: number, now: number): Promise<void> {
  return openSqliteLedger({ path })
    .close()
    .then(() => fill(path, waiting, now));
}

function fill(path: string, waiting: number, now: number): void {
  const db = new DatabaseSync(path);
  db.exec("PRAGMA journal_mode = DELETE; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN");
  const indexes = db.prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL").all();
  for (const { name } of indexes) db.exec(`DROP INDEX ${name}`);
  const plans = preparePlans(db);
  const plan = plans.idOf([out, other].map((destination) => ({ destination, kind: "webhook", purpose: "enquiry" })));
  const tried = waiting >> 1;
  const stepMs = Math.floor((365 * 86_400_000) / waiting);
  const first = now - waiting * stepMs;
  // The same lead over and over, with a number of its own wherever it had one.
  const document = toDocument(aBenchLead(number, first)).replaceAll("'", "''");
  const at = `(${first} + n * ${stepMs})`;
  db.exec(`
    CREATE TEMP TABLE numbers (n INTEGER PRIMARY KEY, id TEXT NOT NULL, at INTEGER NOT NULL);
    WITH RECURSIVE counted (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < ${waiting})
      INSERT INTO numbers SELECT n,
        printf('lead_%08x-%04x-7%03x-8000-%012x', ${at} >> 16, ${at} & 65535, n & 4095, n), ${at} FROM counted;
    INSERT INTO leads (seq, id, form, state, received_at, person, plan, document)
      SELECT n, id, 'contact', 'active', at, 'person_' || n, ${plan}, replace('${document}', '${number}', n) FROM numbers;
    INSERT INTO deliveries (lead_id, destination, kind, purpose, state, retry, due_at, tries, attempts, first_try_at, person,
        reason_code, reason_message, reason_status, ref)
      SELECT id, '${out}', 'webhook', 'enquiry', 'pending', 1, at + 60000, 1, 1, at, 'person_' || n, 'server_error',
        'answered 503', 503, NULL FROM numbers WHERE n <= ${tried}
      UNION ALL SELECT id, '${other}', 'webhook', 'enquiry', 'delivered', 0, NULL, 1, 1, at, 'person_' || n, NULL, NULL, NULL,
        'ref-' || n FROM numbers ORDER BY 1, 2;
    INSERT INTO attempts (lead_id, destination, n, started_at, basis, duration_ms, outcome, reason_code, reason_message, status)
      SELECT id, '${out}', 1, at, 'consent', 50, 'retry', 'server_error', 'answered 503', 503 FROM numbers WHERE n <= ${tried}
      UNION ALL SELECT id, '${other}', 1, at, 'consent', 50, 'delivered', NULL, NULL, 201 FROM numbers ORDER BY 1, 2;
    INSERT INTO lead_hours (hour, first_id, last_id, last_seq)
      SELECT at / 3600000 * 3600000, MIN(id), MAX(id), MAX(n) FROM numbers GROUP BY 1;
    INSERT INTO lead_tallies (hour, form, source, count)
      SELECT at / 3600000 * 3600000, 'contact', 'google', COUNT(*) FROM numbers GROUP BY 1;
    INSERT INTO lead_counts (form, state, count, last_at) SELECT 'contact', 'active', COUNT(*), MAX(at) FROM numbers;
    INSERT INTO delivered_counts (destination, count, last_at) SELECT '${other}', COUNT(*), MAX(at) FROM numbers;
    DROP TABLE numbers;
  `);
  plans.take(out, tried);
  plans.take(other, waiting);
  for (const { sql } of indexes) db.exec(String(sql));
  db.exec("COMMIT; PRAGMA journal_mode = WAL");
  db.close();
}

if (import.meta.main) {
  const [path = "", count] = process.argv.slice(2);
  await fillOutage(path, Number(count), Date.now());
}
