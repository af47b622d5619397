import type { LeadId } from "../../model/id.ts";
import { clearDocuments } from "../sealing/documents.ts";
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
import type { Found, Received, Verifications } from "../verifications.ts";
import type { Database, Transaction } from "./database.ts";
import { laterConsents } from "./later-consents.ts";
import { documentsIn } from "./sealing.ts";

/** Where a delivery is looked at together with its lead, its last attempt, and whether it was missed. */
function standing(document: string, which: string): string {
  return `SELECT leads.id, leads.form, leads.state AS lead_state, leads.received_at, leads.person, ${document} AS document,
      deliveries.state, false AS planned, deliveries.reason_code, deliveries.ref, deliveries.attempts,
      attempts.started_at + attempts.duration_ms AS delivered_at, missing.run IS NOT NULL AS missing
    FROM leads
    LEFT JOIN deliveries ON deliveries.lead_id = leads.id AND deliveries.destination = $1 AND deliveries.tag = ''
    LEFT JOIN attempts ON attempts.lead_id = leads.id AND attempts.destination = $1 AND attempts.tag = ''
      AND attempts.n = deliveries.attempts AND deliveries.state = 'delivered'
    LEFT JOIN missing ON missing.lead_id = leads.id AND missing.destination = $1
    WHERE ${which} ORDER BY leads.id LIMIT $2`;
}
const within = "leads.id > $3 AND leads.id <= $4 AND leads.received_at >= $5 AND leads.received_at < $6";
const plain = standing("NULL::text", within);
const withLeads = standing("CASE deliveries.state WHEN 'delivered' THEN leads.document END", within);
const none = () => [];
const chosen = standing("NULL::text", "leads.id = ANY($3)");

/** What was looked for at destinations, and what was not seen there. */
export function createVerifications({ read, write }: Pick<Database, "read" | "write">): Verifications {
  return {
    nextRange: (after, request) => read((tx) => nextRange(tx, after, request)),
    standings: (destination, { since, until, after, upTo, limit, withLeads: documents }) =>
      read(async (tx) => {
        const values = [destination, limit, after ?? "", upTo, since ?? 0, until];
        const rows = await tx.query<StandingRow>(documents ? withLeads : plain, values);
        const read = rows.filter(({ document }) => document !== null).map(({ id }) => id);
        const later = documents ? await laterConsents(tx, read) : none;
        const opened = await documentsIn(tx, rows);
        return rows.map((row) => standingOf(destination, row, () => later(row.id), opened));
      }),
    standingsOf: (destination, leads) =>
      read(async (tx) => {
        const rows = await tx.query<StandingRow>(chosen, [destination, leads.length, leads]);
        return rows.map((row) => standingOf(destination, row, none, clearDocuments));
      }),
    note: (found) => write((tx) => note(tx, found)),
    missing: ({ limit, run = null, destination = null, after }) =>
      read(async (tx) => {
        const rows = await tx.query<MissingRow>(
          `SELECT lead_id, destination, found_at, run FROM missing
           WHERE (lead_id, destination) > ($2, $3) AND ($4::text IS NULL OR destination = $4)
             AND ($5::text IS NULL OR run = $5)
           ORDER BY lead_id, destination LIMIT $1`,
          [limit, after?.leadId ?? "", after?.destination ?? "", destination, run],
        );
        return rows.map(missingOf);
      }),
    missingCounts: () =>
      read((tx) =>
        tx.query("SELECT destination, COUNT(*) AS count, MIN(found_at) AS since FROM missing GROUP BY destination"),
      ),
    save: (verification) =>
      write(async (tx) => {
        const columns = verificationColumns;
        await tx.query(
          `INSERT INTO verifications (${columns.join(", ")}) VALUES (${columns.map((_, i) => `$${i + 1}`).join(", ")})
           ON CONFLICT (id) DO UPDATE SET ${columns.map((column) => `${column} = excluded.${column}`).join(", ")}`,
          valuesOf(verification),
        );
        if (verification.endedAt === null) return;
        await tx.query(
          `DELETE FROM verifications WHERE ended_at IS NOT NULL AND started_at < (
             SELECT started_at FROM verifications ORDER BY started_at DESC LIMIT 1 OFFSET ${mostKept})`,
        );
      }),
    find: (id) =>
      read(async (tx) => {
        const [row] = await tx.query<VerificationRow>("SELECT * FROM verifications WHERE id = $1", [id]);
        return row ? verificationOf(row) : null;
      }),
    latest: (limit) =>
      read(async (tx) => {
        const text = "SELECT * FROM verifications ORDER BY started_at DESC, id DESC LIMIT $1";
        return (await tx.query<VerificationRow>(text, [limit])).map(verificationOf);
      }),
  };
}

async function nextRange(tx: Transaction, after: LeadId | null, { since, until, size }: Received & { size: number }) {
  const [bounds] = await tx.query<{ first: string | null; last: string | null }>(
    "SELECT MIN(first_id) AS first, MAX(last_id) AS last FROM lead_hours WHERE hour >= $1 AND hour <= $2",
    [hourOf(since ?? 0), hourOf(until)],
  );
  if (!bounds?.first) return null;
  // Right below the first one, which is to be among them.
  const below = bounds.first.slice(0, -1);
  const rows = await tx.query<{ id: LeadId; received_at: number }>(
    "SELECT id, received_at FROM leads WHERE id > $1 AND id <= $2 ORDER BY id LIMIT $3",
    [after !== null && after > below ? after : below, bounds.last, size],
  );
  const last = rows.at(-1);
  if (!last) return null;
  const received = rows.filter(({ received_at }) => received_at >= (since ?? 0) && received_at < until);
  return { upTo: last.id, leads: received.length };
}

/** The leads are locked first, so that none is erased before what is noted of it stands. */
async function note(tx: Transaction, { run, destination, at, missing, seen }: Found): Promise<LeadId[]> {
  if (seen.length > 0) {
    await tx.query("DELETE FROM missing WHERE lead_id = ANY($1) AND destination = $2", [seen, destination]);
  }
  if (missing.length === 0) return [];
  const sorted = [...missing].sort((a, b) => (a.leadId < b.leadId ? -1 : 1));
  const active = await tx.query<{ id: LeadId }>(
    "SELECT id FROM leads WHERE id = ANY($1) AND state = 'active' ORDER BY id FOR SHARE",
    [sorted.map(({ leadId }) => leadId)],
  );
  const known = new Set(active.map(({ id }) => id));
  const rest = sorted.filter(({ leadId }) => known.has(leadId));
  const noted = await tx.query<{ lead_id: LeadId }>(
    `INSERT INTO missing (lead_id, destination, found_at, run)
     SELECT deliveries.lead_id, deliveries.destination, $4, $5
     FROM unnest($1::text[], $2::integer[]) AS looked (lead_id, attempts)
     JOIN deliveries ON deliveries.lead_id = looked.lead_id AND deliveries.destination = $3 AND deliveries.tag = ''
       AND deliveries.state = 'delivered' AND deliveries.attempts = looked.attempts
     ORDER BY deliveries.lead_id FOR SHARE OF deliveries
     ON CONFLICT (lead_id, destination) DO UPDATE SET run = excluded.run
     RETURNING lead_id`,
    [rest.map(({ leadId }) => leadId), rest.map(({ attempts }) => attempts), destination, at, run],
  );
  return noted.map(({ lead_id }) => lead_id);
}
