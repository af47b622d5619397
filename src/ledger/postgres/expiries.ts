import type { LeadId } from "../../model/id.ts";
import type { LeadState } from "../../model/lead.ts";
import type { Actor, Expiry } from "../ledger.ts";
import { oneActMs } from "../retention-act.ts";
import { recordAct } from "./acts.ts";
import { columnsOf } from "./columns.ts";
import type { Database, Transaction } from "./database.ts";
import { lockLeads } from "./leads.ts";
import { destroyKeys } from "./sealing.ts";

/** Leads looked at in one transaction. */
const lookAt = 1_000;
/** Leads are on record in the order they came, but for a clock that was set: so much later than the bound none is looked for. */
const clockSlackMs = 86_400_000;

type Row = { id: LeadId; state: LeadState; received_at: number };
type Page = { due: LeadId[]; count: number; last: string; atEnd: boolean };

/** What retention ends: looked for in small pages, so that intake goes on meanwhile. */
export function createExpiries(db: Database) {
  /** How far attempts have been looked through, since those that stay would be looked at again and again. */
  const reached = new Map<string, string>();

  async function count(expiry: Expiry): Promise<number> {
    let counted = 0;
    for (let after = ""; ; ) {
      const page = await db.read((tx) => look(tx, expiry, after, lookAt));
      counted += page.count;
      if (page.atEnd) return counted;
      after = page.last;
    }
  }

  /** The next leads something of which is due to end, at most `limit`; none when there are no more. */
  async function next(expiry: Expiry, limit: number): Promise<LeadId[]> {
    const place = `${expiry.what} ${expiry.form}`;
    for (let after = reached.get(place) ?? ""; ; ) {
      const { due, last, atEnd } = await db.read((tx) => look(tx, expiry, after, Math.min(limit, lookAt)));
      after = last;
      if (expiry.what === "attempts") reached.set(place, after);
      if (due.length > 0) return due;
      if (atEnd) {
        reached.delete(place);
        return [];
      }
    }
  }

  async function expire(
    expiry: Expiry,
    { limit, now, actor }: { limit: number; now: number; actor: Actor },
  ): Promise<number> {
    const due = await next(expiry, limit);
    if (due.length === 0) return 0;
    return db.write(async (tx) => {
      const ended = await (expiry.what === "leads" ? endLeads(tx, expiry, due) : endAttempts(tx, expiry, due));
      if (ended > 0) await note(tx, expiry, ended, { now, actor });
      return ended;
    });
  }

  return { count, expire };
}

async function note(tx: Transaction, { what, form }: Expiry, ended: number, by: { now: number; actor: Actor }) {
  const { now, actor } = by;
  const added = await tx.change(
    `UPDATE acts SET at = GREATEST(at, $1), act = 'retention: ' || (split_part(act, ' ', 2)::bigint + $2::bigint) || ' ' || $3::text
     WHERE seq = (SELECT MAX(seq) FROM acts) AND act ~ ('^retention: \\d+ ' || $3::text || '$')
       AND actor_type = $4 AND actor_name = $5 AND subject = $6 AND at >= $7`,
    [now, ended, what, actor.type, actor.name, form, now - oneActMs],
  );
  if (added === 0) await recordAct(tx, { at: now, actor, act: `retention: ${ended} ${what}`, subject: form });
}

async function look(tx: Transaction, expiry: Expiry, after: string, size: number): Promise<Page> {
  const { form, before } = expiry;
  const rows = await tx.query<Row>(
    "SELECT id, state, received_at FROM leads WHERE form = $1 AND id > $2 ORDER BY id LIMIT $3",
    [form, after, size],
  );
  const last = rows.at(-1);
  const old = rows.filter(({ received_at }) => received_at < before);
  const found =
    expiry.what === "leads"
      ? await notUnderWay(
          tx,
          old.filter(({ state }) => state === expiry.state).map(({ id }) => id),
          heldBefore(expiry),
        )
      : await withAttempts(
          tx,
          old.map(({ id }) => id),
          before,
        );
  return {
    due: found.map(({ id }) => id),
    count: found.reduce((sum, { count }) => sum + count, 0),
    last: last?.id ?? after,
    atEnd: rows.length < size || !last || last.received_at >= before + clockSlackMs,
  };
}

/** `heldSince`: what a person has put into quarantine since then is kept; null when that does not matter. */
async function notUnderWay(
  tx: Transaction,
  ids: readonly LeadId[],
  heldSince: number | null,
): Promise<{ id: LeadId; count: number }[]> {
  const rows = await tx.query<{ id: LeadId }>(
    `SELECT lead_id AS id FROM deliveries
     WHERE lead_id = ANY($1) AND (state = 'claimed' OR state = 'pending' AND tag LIKE 'erased-%')
     UNION SELECT subject FROM acts WHERE subject = ANY($1) AND act = 'quarantine' AND at >= $2`,
    [ids, heldSince],
  );
  const underWay = new Set(rows.map(({ id }) => id));
  return ids.filter((id) => !underWay.has(id)).map((id) => ({ id, count: 1 }));
}

/** Attempts of deliveries that are over. */
const over = `lead_id = ANY($1) AND started_at < $2 AND EXISTS (SELECT 1 FROM deliveries
  WHERE lead_id = attempts.lead_id AND destination = attempts.destination AND tag = attempts.tag
    AND state IN ('delivered', 'cancelled'))`;

function withAttempts(tx: Transaction, ids: readonly LeadId[], before: number) {
  return tx.query<{ id: LeadId; count: number }>(
    `SELECT lead_id AS id, COUNT(*) AS count FROM attempts WHERE ${over} GROUP BY lead_id ORDER BY lead_id`,
    [ids, before],
  );
}

function endAttempts(tx: Transaction, { before }: Expiry, ids: readonly LeadId[]): Promise<number> {
  return tx.change(`DELETE FROM attempts WHERE ${over}`, [ids, before]);
}

async function endLeads(
  tx: Transaction,
  { state, before }: Extract<Expiry, { what: "leads" }>,
  ids: readonly LeadId[],
): Promise<number> {
  // What may have been released, erased or claimed since it was looked at.
  const locked = (await lockLeads(tx, ids)).filter((row) => row.state === state && row.received_at < before);
  const free = new Set(
    (
      await notUnderWay(
        tx,
        locked.map(({ id }) => id),
        heldBefore({ state, before }),
      )
    ).map(({ id }) => id),
  );
  const leads = locked.filter(({ id }) => free.has(id));
  const gone = leads.map(({ id }) => id);
  for (const table of ["attempts", "consents", "status_marks", "lead_work", "missing", "captcha_checks"]) {
    await tx.query(`DELETE FROM ${table} WHERE lead_id = ANY($1)`, [gone]);
  }
  const deliveries = await tx.query<{ destination: string; state: string; tag: string }>(
    "DELETE FROM deliveries WHERE lead_id = ANY($1) RETURNING destination, state, tag",
    [gone],
  );
  await tx.query(
    `DELETE FROM submission_keys USING unnest($1::text[], $2::text[]) AS free (form, key)
     WHERE submission_keys.form = free.form AND submission_keys.key = free.key`,
    columnsOf(
      leads,
      ({ form }) => form,
      ({ key }) => key,
    ),
  );
  await destroyKeys(tx, leads);
  await tx.query("DELETE FROM leads WHERE id = ANY($1)", [gone]);
  for (const { form, received_at } of leads)
    tx.sums.add("lead_counts", { form, state, count: -1, last_at: received_at });
  for (const { destination, tag, state: last } of deliveries) {
    if (last === "delivered" && tag === "") tx.sums.add("delivered_counts", { destination, count: -1, last_at: 0 });
  }
  return leads.length;
}

/** What a person has put into quarantine is kept from then on. */
function heldBefore({ state, before }: { state: LeadState; before: number }): number | null {
  return state === "quarantined" ? before : null;
}
