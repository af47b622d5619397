import type { DatabaseSync } from "node:sqlite";
import { eventOfTag, parseDeliveryId } from "../../model/id.ts";
import type { Json } from "../../model/json.ts";
import type { Outcome } from "../../model/outcome.ts";
import type { AttemptRef, Ledger, Next, Settlement } from "../ledger.ts";
import { type DeliveryRow, deliveryOf } from "../rows.ts";
import { stoppedStates } from "./index-conditions.ts";
import type { InterestsNoted } from "./interests.ts";
import type { Tallies } from "./tallies.ts";

type Stuck = DeliveryRow & { lease_until: number; started_at: number };

/** An attempt under way. `has_older`: whether something of its person waits or has stopped there that came in earlier. */
type Held = { person: string | null; started_at: number; has_older: number };

/** Settling and recovering attempts. All of it runs inside the commit queue's transaction. */
export function prepareSettlements(
  db: DatabaseSync,
  { interests, tallies }: { interests: InterestsNoted; tallies: Tallies },
) {
  const fenced = "lead_id = ? AND destination = ? AND tag = ? AND state = 'claimed' AND attempts = ?";
  const older = (destination: string, person: string, lead: string) =>
    `destination = ${destination} AND person = ${person} AND lead_id < ${lead} AND tag = ''`;
  const retrying = "state = 'pending' AND retry = 1";
  // Asked beforehand: RETURNING would cost more than the look, and so would marking what is not there.
  const ofHeld = older("held.destination", "held.person", "held.lead_id");
  const hold = db.prepare(
    `SELECT held.person, attempts.started_at,
       EXISTS (SELECT 1 FROM deliveries WHERE ${retrying} AND ${ofHeld})
         OR EXISTS (SELECT 1 FROM deliveries WHERE ${stoppedStates} AND ${ofHeld}) AS has_older
     FROM deliveries AS held CROSS JOIN attempts ON attempts.lead_id = held.lead_id
       AND attempts.destination = held.destination AND attempts.tag = held.tag AND attempts.n = held.attempts
     WHERE held.lead_id = ? AND held.destination = ? AND held.tag = ? AND held.state = 'claimed' AND held.attempts = ?`,
  );
  const finishAttempt = db.prepare(
    `UPDATE attempts SET duration_ms = ?, outcome = ?, reason_code = ?, reason_message = ?, status = ?
     WHERE lead_id = ? AND destination = ? AND tag = ? AND n = ?`,
  );
  const saveProgress = db.prepare(`UPDATE deliveries SET progress = ? WHERE ${fenced}`);
  const deliver = db.prepare(
    `UPDATE deliveries SET state = 'delivered', due_at = NULL, lease_until = NULL, worker = NULL, uncertain = 0,
       progress = NULL, ref = COALESCE(?, ref), warnings = ?, reason_code = NULL, reason_message = NULL, reason_status = NULL
     WHERE ${fenced}`,
  );
  const supersede = [retrying, stoppedStates].map((lacking) =>
    db.prepare(`UPDATE deliveries SET superseded = 1 WHERE ${lacking} AND ${older("?", "?", "?")}`),
  );
  // A lead that was erased while it was under way is not tried again: its attempt was the last.
  const erased = "tag = '' AND (SELECT state FROM leads WHERE id = lead_id) = 'erased'";
  const end = db.prepare(
    `UPDATE deliveries SET state = 'cancelled', due_at = NULL, tries = ?, uncertain = MAX(uncertain, ?), lease_until = NULL,
       worker = NULL, reason_code = 'erased', reason_message = 'the person was erased', reason_status = NULL
     WHERE ${fenced} AND ${erased}`,
  );
  const forgetProgress = db.prepare("UPDATE deliveries SET progress = NULL WHERE lead_id = ? AND destination = ?");
  const putOff = db.prepare(
    `UPDATE deliveries SET state = 'pending', retry = 1, due_at = ?1, tries = ?2, uncertain = ?3, lease_until = NULL,
       first_try_at = CASE ?2 WHEN 0 THEN NULL ELSE first_try_at END, worker = NULL, reason_code = ?, reason_message = ?, reason_status = ?
     WHERE ${fenced}`,
  );
  const bury = db.prepare(
    `UPDATE deliveries SET state = 'dead', due_at = NULL, tries = ?, uncertain = MAX(uncertain, ?), lease_until = NULL,
       worker = NULL,
       reason_code = ?, reason_message = ?, reason_status = ?
     WHERE ${fenced}`,
  );
  const stuck = db.prepare(
    `SELECT deliveries.*, attempts.started_at FROM deliveries
     JOIN attempts ON attempts.lead_id = deliveries.lead_id AND attempts.destination = deliveries.destination
       AND attempts.tag = deliveries.tag AND attempts.n = deliveries.attempts
     WHERE deliveries.state = 'claimed'`,
  );
  const cutLeases = db.prepare("UPDATE deliveries SET lease_until = ?1 WHERE state = 'claimed' AND lease_until > ?1");

  function settle({ deliveryId, n, durationMs, outcome, next }: Settlement): boolean {
    const key = keyOf(deliveryId);
    const { leadId, destination, tag } = key;
    const held = hold.get(leadId, destination, tag, n) as Held | undefined;
    if (!held) return false;
    move(key, n, next, outcome);
    if (tag === "" && next.state === "delivered" && held.person !== null) arrived(held, key, n);
    if (tag === "") interests.changed(leadId);
    const { code = null, message = null } = "reason" in outcome ? outcome.reason : {};
    const status = ("reason" in outcome ? outcome.reason.status : outcome.status) ?? null;
    finishAttempt.run(durationMs, outcome.type, code, message, status, leadId, destination, tag, n);
    const { started_at: startedAt } = held;
    if (tag === "") tallies.settled({ leadId, destination, outcome: outcome.type, startedAt, durationMs });
    return true;
  }

  function move({ leadId, destination, tag }: Key, n: number, next: Next, outcome: Outcome): void {
    const key = [leadId, destination, tag, n] as const;
    if (next.state === "delivered") {
      const warnings = next.warnings.length > 0 ? JSON.stringify(next.warnings) : null;
      deliver.run(next.ref, warnings, ...key);
      if (eventOfTag(tag) === "lead.erased") forgetProgress.run(leadId, destination);
      return;
    }
    const unsure = outcome.type === "uncertain" || (next.state === "pending" && next.uncertain) ? 1 : 0;
    if (end.run(next.tries, unsure, ...key).changes === 1) return;
    const { code, message, status = null } = next.reason;
    // Remembered for a replay, which has to ask the destination first.
    if (next.state === "dead") bury.run(next.tries, unsure, code, message, status, ...key);
    else putOff.run(next.dueAt, next.tries, next.uncertain ? 1 : 0, code, message, status, ...key);
  }

  function arrived({ person, has_older: hasOlder }: Held, { leadId, destination }: Key, n: number): void {
    if (hasOlder) for (const mark of supersede) mark.run(destination, person, leadId);
    interests.delivered(String(person), leadId, destination, n);
  }

  function recover({ now, longestLeaseMs, isDead, settle: decide }: Parameters<Ledger["recover"]>[0]): number {
    if (longestLeaseMs !== undefined) cutLeases.run(now + longestLeaseMs);
    const lost = (stuck.all() as Stuck[]).filter((row) => row.lease_until < now || (row.worker && isDead(row.worker)));
    for (const row of lost) {
      const delivery = deliveryOf(row);
      const durationMs = Math.max(0, now - row.started_at);
      settle({ deliveryId: delivery.id, n: row.attempts, durationMs, ...decide(delivery) });
    }
    return lost.length;
  }

  return {
    settle,
    recover,
    saveProgress: ({ deliveryId, n }: AttemptRef, progress: Json): boolean => {
      const { leadId, destination, tag } = keyOf(deliveryId);
      return saveProgress.run(JSON.stringify(progress), leadId, destination, tag, n).changes === 1;
    },
  };
}

type Key = NonNullable<ReturnType<typeof parseDeliveryId>>;

/** @throws {RangeError} */
function keyOf(deliveryId: AttemptRef["deliveryId"]): Key {
  const key = parseDeliveryId(deliveryId);
  if (!key) throw new RangeError(`not a delivery id: ${deliveryId}`);
  return key;
}
