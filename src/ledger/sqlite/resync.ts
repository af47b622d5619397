import type { DatabaseSync } from "node:sqlite";
import { setImmediate as breathe } from "node:timers/promises";
import type { LeadId } from "../../model/id.ts";
import type { Lead } from "../../model/lead.ts";
import { type Lacking, lackings, type ResyncRequest } from "../ledger.ts";
import type { RecordAct } from "./acts.ts";
import type { InterestsNoted } from "./interests.ts";
import { newerIsThere, type Redeliveries } from "./redeliveries.ts";
import type { LeadRow } from "./rows.ts";

/** Leads looked at between two turns of the event loop, and written in one transaction. */
const lookAt = 500;

/** A lead a destination lacks, and why. */
type Lacked = LeadRow & { lacking: Lacking };

/** Gives a destination the leads it lacks, oldest first, so that a newer lead of a person comes after the older ones. */
export function prepareResync(
  db: DatabaseSync,
  {
    leads,
    interests,
    redeliveries,
    recordAct,
  }: {
    leads: { read(row: LeadRow): Lead };
    interests: InterestsNoted;
    redeliveries: Redeliveries;
    recordAct: RecordAct;
  },
) {
  // What was cancelled stays so: a person, the law or a rule has decided that.
  const lacking = db.prepare(
    `SELECT * FROM (
       SELECT leads.*, CASE
           WHEN deliveries.state IN ('dead', 'withheld') THEN deliveries.state
           WHEN deliveries.state = 'delivered' AND EXISTS (
             SELECT 1 FROM missing WHERE lead_id = leads.id AND destination = ?1) THEN 'missing'
           WHEN deliveries.state IS NULL AND planned.plan IS NULL THEN 'never'
         END AS lacking
       FROM leads
       LEFT JOIN deliveries ON deliveries.lead_id = leads.id AND deliveries.destination = ?1 AND deliveries.tag = ''
       LEFT JOIN planned ON planned.plan = leads.plan AND planned.destination = ?1
       WHERE leads.id IN (SELECT value FROM json_each(?2)) AND leads.state = 'active'
         AND leads.received_at >= ?3 AND leads.received_at < ?4)
     WHERE lacking IN (SELECT value FROM json_each(?5)) ORDER BY id`,
  );
  const ids = db.prepare("SELECT id FROM leads WHERE id > ? ORDER BY id LIMIT ?");
  const idsOfForm = db.prepare("SELECT id FROM leads WHERE form = ? AND id > ? ORDER BY id LIMIT ?");
  const insert = db.prepare(
    `INSERT INTO deliveries (lead_id, destination, kind, purpose, state, due_at, person, superseded)
     VALUES (?, ?, ?, ?, 'pending', ?, ?, ${newerIsThere})`,
  );
  const renew = db.prepare(
    `UPDATE deliveries SET state = 'pending', retry = 0, due_at = ?, tries = 0, first_try_at = NULL,
       reason_code = NULL, reason_message = NULL, reason_status = NULL
     WHERE lead_id = ? AND destination = ? AND tag = ''`,
  );

  /** Which leads there are, oldest first, some at a time. */
  async function* chunks({ form }: ResyncRequest): AsyncGenerator<LeadId[]> {
    for (let after = ""; ; await breathe()) {
      const rows = form === undefined ? ids.all(after, lookAt) : idsOfForm.all(form, after, lookAt);
      const chunk = rows.map((row) => row.id as LeadId);
      if (chunk.length > 0) yield chunk;
      if (chunk.length < lookAt) return;
      after = chunk.at(-1) ?? after;
    }
  }

  function lackingOf(chunk: readonly LeadId[], request: ResyncRequest): LeadId[] {
    const { admits = (state) => state !== "withheld" } = request;
    return lackedOf(chunk, request)
      .filter((row) => admits(row.lacking, () => leads.read(row)))
      .map(({ id }) => id);
  }

  function lackedOf(chunk: readonly LeadId[], request: ResyncRequest): Lacked[] {
    const { destination, since = 0, until = Number.MAX_SAFE_INTEGER, state } = request;
    const wanted = state === undefined ? lackings : [state];
    return lacking.all(destination, JSON.stringify(chunk), since, until, JSON.stringify(wanted)) as unknown as Lacked[];
  }

  /** Inside the commit queue's transaction. Asks once more what is lacking, since that may have changed. */
  function give(chunk: readonly LeadId[], request: ResyncRequest): number {
    const { destination, kind, purpose, now } = request;
    const lacked = lackedOf(chunk, request);
    for (const { id, person, lacking: why } of lacked) {
      if (why === "missing") redeliveries.again(id, destination, person, now);
      else if (why === "never") insert.run(id, destination, kind, purpose, now, person, person, id, destination);
      else renew.run(now, id, destination);
      interests.changed(id);
    }
    return lacked.length;
  }

  return {
    chunks,
    lackingOf,
    give,
    begin: ({ now, actor, destination }: ResyncRequest) => recordAct(now, actor, "resync", destination),
  };
}
