import type { LeadId } from "../../model/id.ts";
import { type Lacking, lackings, type ResyncRequest } from "../ledger.ts";
import type { LeadRow } from "../rows.ts";
import type { Database, Transaction } from "./database.ts";
import type { InterestsNoted } from "./interests.ts";
import { laterConsents } from "./later-consents.ts";
import { again, newerIsThere } from "./redeliveries.ts";
import { documentsIn } from "./sealing.ts";

/** Leads looked at, and written, in one transaction. */
const lookAt = 500;

/** Which leads there are, oldest first, some at a time. */
export async function* chunksOf(db: Database, { form }: ResyncRequest): AsyncGenerator<LeadId[]> {
  for (let after = ""; ; ) {
    const rows = await db.read((tx) =>
      form === undefined
        ? tx.query<{ id: LeadId }>("SELECT id FROM leads WHERE id > $1 ORDER BY id LIMIT $2", [after, lookAt])
        : tx.query<{ id: LeadId }>("SELECT id FROM leads WHERE form = $1 AND id > $2 ORDER BY id LIMIT $3", [
            form,
            after,
            lookAt,
          ]),
    );
    const chunk = rows.map(({ id }) => id);
    if (chunk.length > 0) yield chunk;
    if (chunk.length < lookAt) return;
    after = chunk.at(-1) ?? after;
  }
}

/** What was cancelled stays so: a person, the law or a rule has decided that. */
export async function lackingOf(tx: Transaction, chunk: readonly LeadId[], request: ResyncRequest): Promise<LeadId[]> {
  const { destination, since = 0, until = Number.MAX_SAFE_INTEGER, state } = request;
  const { admits = (why: Lacking) => why !== "withheld" } = request;
  const rows = await tx.query<LeadRow & { lacking: Lacking }>(
    `SELECT * FROM (
       SELECT leads.*, CASE
           WHEN deliveries.state IN ('dead', 'withheld') THEN deliveries.state
           WHEN deliveries.state = 'delivered' AND EXISTS (
             SELECT 1 FROM missing WHERE lead_id = leads.id AND destination = $1) THEN 'missing'
           WHEN deliveries.state IS NULL THEN 'never'
         END AS lacking
       FROM leads
       LEFT JOIN deliveries ON deliveries.lead_id = leads.id AND deliveries.destination = $1 AND deliveries.tag = ''
       WHERE leads.id = ANY($2) AND leads.state = 'active' AND leads.received_at >= $3 AND leads.received_at < $4) AS found
     WHERE lacking = ANY($5) ORDER BY id`,
    [destination, chunk, since, until, state === undefined ? lackings : [state]],
  );
  const later = await laterConsents(
    tx,
    rows.map(({ id }) => id),
  );
  const documents = await documentsIn(tx, rows);
  return rows.filter((row) => admits(row.lacking, () => documents.read(row, later(row.id)))).map(({ id }) => id);
}

/**
 * Gives a destination these leads, as far as it still lacks them. All are due at once; of those the lowest id goes first, so a
 * newer lead of a person comes after the older ones.
 */
export async function give(
  tx: Transaction,
  chunk: readonly LeadId[],
  request: ResyncRequest,
  interests: InterestsNoted,
): Promise<number> {
  const { destination, kind, purpose, now, state } = request;
  const wanted: readonly Lacking[] = state === undefined ? lackings : [state];
  const leads = await tx.query<{ id: LeadId }>(
    "SELECT id FROM leads WHERE id = ANY($1) AND state = 'active' ORDER BY id FOR SHARE",
    [chunk],
  );
  const ids = leads.map(({ id }) => id);
  const vanished = wanted.includes("missing") ? await lockMissing(tx, ids, destination) : [];
  await again(tx, vanished, now, interests);
  const renewed = await tx.query<{ id: LeadId }>(
    `UPDATE deliveries SET state = 'pending', retry = 0, due_at = $3, tries = 0, first_try_at = NULL,
       reason_code = NULL, reason_message = NULL, reason_status = NULL
     WHERE lead_id = ANY($1) AND destination = $2 AND tag = '' AND state IN ('dead', 'withheld') AND state = ANY($4)
     RETURNING lead_id AS id`,
    [ids, destination, now, wanted],
  );
  const newer = newerIsThere({ person: "leads.person", lead: "leads.id", destination: "$2" });
  const added = await tx.query<{ id: LeadId }>(
    `INSERT INTO deliveries (lead_id, destination, kind, purpose, state, due_at, person, superseded)
     SELECT id, $2, $3, $4, 'pending', $5, person, ${newer} FROM leads WHERE id = ANY($1) ORDER BY id
     ON CONFLICT DO NOTHING RETURNING lead_id AS id`,
    [wanted.includes("never") ? ids : [], destination, kind, purpose, now],
  );
  const given = [...renewed, ...added].map(({ id }) => id);
  interests.changed(tx, given);
  return given.length + vanished.length;
}

function lockMissing(tx: Transaction, ids: readonly LeadId[], destination: string) {
  return tx.query<{ lead_id: LeadId; destination: string; person: string | null }>(
    `SELECT lead_id, destination, person FROM deliveries
     WHERE lead_id = ANY($1) AND destination = $2 AND tag = '' AND state = 'delivered'
       AND EXISTS (SELECT 1 FROM missing WHERE missing.lead_id = deliveries.lead_id AND missing.destination = $2)
     ORDER BY lead_id FOR UPDATE`,
    [ids, destination],
  );
}
