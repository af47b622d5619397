import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import { setImmediate as breathe } from "node:timers/promises";
import type { LeadId } from "../../model/id.ts";
import type { Documents } from "../sealing/documents.ts";
import { hourOf } from "../tally-keys.ts";
import {
  type MissingRow,
  missingOf,
  mostKept,
  type StandingRow,
  standingOf,
  type VerificationRow,
  valuesOf,
  verificationColumns,
  verificationOf,
} from "../verification-rows.ts";
import type { Found, Received, Standing, Verification, Verifications } from "../verifications.ts";
import type { ConsentRows } from "./consents.ts";

type Ways = { write<T>(work: () => T): Promise<T>; read<T>(work: () => T): Promise<T> };

/** What was looked for at destinations, and what was not seen there. Pages are read with a turn of the event loop before each. */
export function prepareVerifications(db: DatabaseSync, consents: ConsentRows, documents: Documents) {
  const bounds = db.prepare(
    "SELECT MIN(first_id) AS first, MAX(last_id) AS last FROM lead_hours WHERE hour >= ? AND hour <= ?",
  );
  const range = db.prepare("SELECT id, received_at FROM leads WHERE id > ? AND id <= ? ORDER BY id LIMIT ?");
  const standing = (document: string, which: string) =>
    db.prepare(
      `SELECT leads.id, leads.form, leads.state AS lead_state, leads.received_at, leads.person, ${document} AS document,
         deliveries.state, planned.plan IS NOT NULL AS planned, deliveries.reason_code, deliveries.ref, deliveries.attempts,
         attempts.started_at + attempts.duration_ms AS delivered_at, missing.run IS NOT NULL AS missing
       FROM leads
       LEFT JOIN deliveries ON deliveries.lead_id = leads.id AND deliveries.destination = ?1 AND deliveries.tag = ''
       LEFT JOIN planned ON planned.plan = leads.plan AND planned.destination = ?1
       LEFT JOIN attempts ON attempts.lead_id = leads.id AND attempts.destination = ?1 AND attempts.tag = ''
         AND attempts.n = deliveries.attempts AND deliveries.state = 'delivered'
       LEFT JOIN missing ON missing.lead_id = leads.id AND missing.destination = ?1
       WHERE ${which} ORDER BY leads.id LIMIT ?2`,
    );
  const within = "leads.id > ?3 AND leads.id <= ?4 AND leads.received_at >= ?5 AND leads.received_at < ?6";
  const plain = standing("NULL", within);
  const withLeads = standing("CASE deliveries.state WHEN 'delivered' THEN leads.document END", within);
  const chosen = standing("NULL", "leads.id IN (SELECT value FROM json_each(?3))");
  const noteMissing = db.prepare(
    `INSERT INTO missing (lead_id, destination, found_at, run)
     SELECT lead_id, destination, ?4, ?5 FROM deliveries
     WHERE lead_id = ?1 AND destination = ?2 AND tag = '' AND state = 'delivered' AND attempts = ?3
       AND (SELECT state FROM leads WHERE id = ?1) = 'active'
     ON CONFLICT (lead_id, destination) DO UPDATE SET run = excluded.run`,
  );
  const noteSeen = db.prepare("DELETE FROM missing WHERE lead_id = ? AND destination = ?");
  const pageOf = (which: string) =>
    db.prepare(
      `SELECT lead_id, destination, found_at, run FROM missing
       WHERE ${which} (lead_id, destination) > (?2, ?3) AND (?4 IS NULL OR destination = ?4)
       ORDER BY lead_id, destination LIMIT ?1`,
    );
  const everyMissing = pageOf("");
  const missingOfRun = pageOf("run = ?5 AND");
  const counts = db.prepare(
    "SELECT destination, COUNT(*) AS count, MIN(found_at) AS since FROM missing GROUP BY destination",
  );
  const save = db.prepare(
    `INSERT INTO verifications (${verificationColumns.join(", ")}) VALUES (${verificationColumns.map(() => "?").join(", ")})
     ON CONFLICT (id) DO UPDATE SET ${verificationColumns.map((column) => `${column} = excluded.${column}`).join(", ")}`,
  );
  const prune = db.prepare(
    `DELETE FROM verifications WHERE ended_at IS NOT NULL AND started_at < (
       SELECT started_at FROM verifications ORDER BY started_at DESC LIMIT 1 OFFSET ${mostKept})`,
  );
  const find = db.prepare("SELECT * FROM verifications WHERE id = ?");
  const latest = db.prepare("SELECT * FROM verifications ORDER BY started_at DESC, id DESC LIMIT ?");

  function nextRange(after: LeadId | null, { since, until, size }: Received & { size: number }) {
    const found = bounds.get(hourOf(since ?? 0), hourOf(until));
    if (!found?.first) return null;
    // Right below the first one, which is to be among them.
    const below = String(found.first).slice(0, -1);
    const from = after !== null && after > below ? after : below;
    const rows = range.all(from, found.last as string, size) as { id: LeadId; received_at: number }[];
    const last = rows.at(-1);
    if (!last) return null;
    const received = rows.filter(({ received_at }) => received_at >= (since ?? 0) && received_at < until);
    return { upTo: last.id, leads: received.length };
  }

  function read(rows: readonly unknown[], destination: string): Standing[] {
    return (rows as StandingRow[]).map((row) => standingOf(destination, row, () => consents.of(row.id), documents));
  }

  function note({ run, destination, at, missing, seen }: Found): LeadId[] {
    for (const lead of seen) noteSeen.run(lead, destination);
    const noted = missing.filter(({ leadId, attempts }) => {
      return noteMissing.run(leadId, destination, attempts, at, run).changes === 1;
    });
    return noted.map(({ leadId }) => leadId);
  }

  function saveOne(verification: Verification): void {
    save.run(...valuesOf(verification));
    if (verification.endedAt !== null) prune.run();
  }

  return ({ write, read: reading }: Ways): Verifications => ({
    nextRange: async (after, request) => {
      await breathe();
      return reading(() => nextRange(after, request));
    },
    standings: async (destination, { since, until, after, upTo, limit, withLeads: documents }) => {
      await breathe();
      const statement = documents ? withLeads : plain;
      return reading(() => read(statement.all(destination, limit, after ?? "", upTo, since ?? 0, until), destination));
    },
    standingsOf: (destination, leads) =>
      reading(() => read(chosen.all(destination, leads.length, JSON.stringify(leads)), destination)),
    note: (found) => write(() => note(found)),
    missing: ({ limit, run, destination = null, after }) =>
      reading(() => {
        const values: SQLInputValue[] = [limit, after?.leadId ?? "", after?.destination ?? "", destination];
        const rows = run === undefined ? everyMissing.all(...values) : missingOfRun.all(...values, run);
        return (rows as MissingRow[]).map(missingOf);
      }),
    missingCounts: () => reading(() => counts.all() as unknown as Awaited<ReturnType<Verifications["missingCounts"]>>),
    save: (verification) => write(() => saveOne(verification)),
    find: (id) =>
      reading(() => {
        const row = find.get(id) as VerificationRow | undefined;
        return row ? verificationOf(row) : null;
      }),
    latest: (limit) => reading(() => (latest.all(limit) as VerificationRow[]).map(verificationOf)),
  });
}
