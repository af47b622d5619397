import type { DatabaseSync } from "node:sqlite";
import { type DeliveryId, type LeadId, parseDeliveryId } from "../../model/id.ts";
import type { Actor, Redelivered } from "../ledger.ts";
import { refusalToRedeliver } from "../redelivery.ts";
import type { RecordAct } from "./acts.ts";
import type { InterestsNoted } from "./interests.ts";
import type { Tallies } from "./tallies.ts";

/** True when a later lead of the same person is at a destination. Parameters: person, lead, destination. */
export const newerIsThere = `EXISTS (
  SELECT 1 FROM leads AS newer JOIN deliveries AS its ON its.lead_id = newer.id AND its.tag = '' AND its.state = 'delivered'
  WHERE newer.person = ? AND newer.id > ? AND its.destination = ?)`;

/** Sends again what was delivered and is not there any more. Runs inside the commit queue's transaction. */
export function prepareRedeliveries(
  db: DatabaseSync,
  { interests, tallies, recordAct }: { interests: InterestsNoted; tallies: Tallies; recordAct: RecordAct },
) {
  const find = db.prepare(
    `SELECT leads.state AS lead_state, leads.person, deliveries.state, missing.run IS NOT NULL AS missing FROM leads
     LEFT JOIN deliveries ON deliveries.lead_id = leads.id AND deliveries.destination = ?2 AND deliveries.tag = ''
     LEFT JOIN missing ON missing.lead_id = leads.id AND missing.destination = ?2
     WHERE leads.id = ?1`,
  );
  // Nothing of the vanished record is used for it: what it was called there, and how far its making had got.
  const renew = db.prepare(
    `UPDATE deliveries SET state = 'pending', retry = 0, due_at = ?, tries = 0, first_try_at = NULL, uncertain = 1,
       superseded = ${newerIsThere}, progress = NULL, ref = NULL, warnings = NULL, reason_code = NULL, reason_message = NULL,
       reason_status = NULL
     WHERE lead_id = ? AND destination = ? AND tag = ''`,
  );
  const found = db.prepare("DELETE FROM missing WHERE lead_id = ? AND destination = ?");
  const forgetLast = db.prepare("DELETE FROM last_delivered WHERE destination = ? AND person = ?");

  type Found = { lead_state: string; person: string | null; state: string | null; missing: number };

  /** Makes one pending again. It is on record as missing. */
  function again(lead: LeadId, destination: string, person: string | null, now: number): void {
    renew.run(now, person, lead, destination, lead, destination);
    found.run(lead, destination);
    if (person !== null) forgetLast.run(destination, person);
    tallies.undelivered(destination);
    interests.changed(lead);
  }

  function redeliver(ids: readonly DeliveryId[], { now, actor }: { now: number; actor: Actor }): Redelivered {
    const result: Redelivered = { redelivered: [], refused: [] };
    for (const id of new Set(ids)) {
      const key = parseDeliveryId(id);
      const row = key?.tag === "" ? (find.get(key.leadId, key.destination) as Found | undefined) : undefined;
      const refused = refusalToRedeliver(row);
      if (refused !== null || !key || !row) {
        result.refused.push({ id, message: refused ?? "is not on record" });
        continue;
      }
      again(key.leadId, key.destination, row.person, now);
      recordAct(now, actor, "redeliver", id);
      result.redelivered.push(id);
    }
    return result;
  }

  return { again, redeliver };
}

export type Redeliveries = ReturnType<typeof prepareRedeliveries>;
