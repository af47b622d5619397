import type { DatabaseSync } from "node:sqlite";
import { type DeliveryId, deliveryIdOf, followUpTag, type LeadId } from "../../model/id.ts";
import type { FollowUp } from "../ledger.ts";
import type { LeadRow } from "./rows.ts";

/** Deliveries that bring word of what happened to a lead later. */
export function prepareFollowUps(db: DatabaseSync) {
  const insert = db.prepare(
    `INSERT INTO deliveries (lead_id, destination, tag, kind, purpose, state, due_at, person, reason_code, reason_message,
       reason_status)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const count = db.prepare(
    "SELECT COUNT(*) AS n FROM deliveries WHERE lead_id = ? AND destination = ? AND tag LIKE ? || '%'",
  );
  const waiting = db.prepare(
    `SELECT 1 FROM deliveries
     WHERE lead_id = ? AND destination = ? AND tag LIKE ? || '%' AND purpose = ? AND state IN ('pending', 'dead')`,
  );

  function countOf(leadId: LeadId, { destination, event }: FollowUp): number {
    return Number(count.get(leadId, destination, prefixOf(event))?.n);
  }

  function add(lead: LeadRow, followUp: FollowUp, now: number): DeliveryId {
    const { destination, event, kind, purpose, reason } = followUp;
    const tag = followUpTag(event, countOf(lead.id, followUp) + 1);
    const { code = null, message = null, status = null } = reason ?? {};
    const [state, dueAt] = reason === null ? ["pending", now] : ["dead", null];
    insert.run(lead.id, destination, tag, kind, purpose, state, dueAt, lead.person, code, message, status);
    return deliveryIdOf(lead.id, destination, tag);
  }

  return {
    add,
    countOf,
    /** Adds those that do not wait already. */
    addAll(lead: LeadRow, followUps: readonly FollowUp[], now: number): DeliveryId[] {
      return followUps
        .filter(({ destination, event, purpose }) => !waiting.get(lead.id, destination, prefixOf(event), purpose))
        .map((followUp) => add(lead, followUp, now));
    },
  };
}

export type FollowUpRows = ReturnType<typeof prepareFollowUps>;

function prefixOf(event: FollowUp["event"]): string {
  return followUpTag(event, 0).slice(0, -1);
}
