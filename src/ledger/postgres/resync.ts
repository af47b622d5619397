import type { LeadId } from "../../model/id.ts";
import type { ResyncRequest } from "../ledger.ts";
import type { Database, Transaction } from "./database.ts";
import type { InterestsNoted } from "./interests.ts";

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

/** Dead letters, and leads never meant for it. What was cancelled stays so: a person, the law or a rule has decided that. */
export async function lackingOf(tx: Transaction, chunk: readonly LeadId[], request: ResyncRequest): Promise<LeadId[]> {
  const { destination, since = 0, until = Number.MAX_SAFE_INTEGER } = request;
  const rows = await tx.query<{ id: LeadId }>(
    `SELECT leads.id FROM leads
     LEFT JOIN deliveries ON deliveries.lead_id = leads.id AND deliveries.destination = $1 AND deliveries.tag = ''
     WHERE leads.id = ANY($2) AND leads.state = 'active' AND leads.received_at >= $3 AND leads.received_at < $4
       AND (deliveries.state IS NULL OR deliveries.state = 'dead')
     ORDER BY leads.id`,
    [destination, chunk, since, until],
  );
  return rows.map(({ id }) => id);
}

/**
 * Gives a destination these leads, as far as it still lacks them. All are due at once; of those the lowest id goes first, so a
 * newer lead of a person comes after the older ones.
 */
export async function give(
  tx: Transaction,
  chunk: readonly LeadId[],
  { destination, kind, purpose, now }: ResyncRequest,
  interests: InterestsNoted,
): Promise<number> {
  const leads = await tx.query<{ id: LeadId }>(
    "SELECT id FROM leads WHERE id = ANY($1) AND state = 'active' ORDER BY id FOR SHARE",
    [chunk],
  );
  const ids = leads.map(({ id }) => id);
  const renewed = await tx.query<{ id: LeadId }>(
    `UPDATE deliveries SET state = 'pending', retry = 0, due_at = $3, tries = 0, first_try_at = NULL,
       reason_code = NULL, reason_message = NULL, reason_status = NULL
     WHERE lead_id = ANY($1) AND destination = $2 AND tag = '' AND state = 'dead'
     RETURNING lead_id AS id`,
    [ids, destination, now],
  );
  const added = await tx.query<{ id: LeadId }>(
    `INSERT INTO deliveries (lead_id, destination, kind, purpose, state, due_at, person)
     SELECT id, $2, $3, $4, 'pending', $5, person FROM leads WHERE id = ANY($1) ORDER BY id
     ON CONFLICT DO NOTHING RETURNING lead_id AS id`,
    [ids, destination, kind, purpose, now],
  );
  const given = [...renewed, ...added].map(({ id }) => id);
  await interests.changed(tx, given);
  return given.length;
}
