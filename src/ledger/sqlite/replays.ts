import type { DatabaseSync } from "node:sqlite";
import { type DeliveryId, deliveryIdOf, eventOfTag, parseDeliveryId } from "../../model/id.ts";
import type { Actor, Replayed, Selection } from "../ledger.ts";
import type { DeliveryRow } from "../rows.ts";
import type { RecordAct } from "./acts.ts";
import type { InterestsNoted } from "./interests.ts";

const refusals: Record<string, string> = {
  delivered: "is delivered already",
  claimed: "is being delivered right now",
  withheld: "is withheld: it needs consent, not a replay (leadkeep grant)",
};

/** A person's "send it again". */
export function prepareReplays(db: DatabaseSync, interests: InterestsNoted, recordAct: RecordAct) {
  // A planned delivery without a row is new and due already: there is nothing to renew, and nothing to refuse.
  const find = db.prepare(
    `SELECT COALESCE(deliveries.state, 'pending') AS state, leads.state AS lead_state FROM leads
     LEFT JOIN deliveries ON deliveries.lead_id = leads.id AND deliveries.destination = ?2 AND deliveries.tag = ?3
     LEFT JOIN planned ON planned.plan = leads.plan AND planned.destination = ?2 AND ?3 = ''
     WHERE leads.id = ?1 AND COALESCE(deliveries.destination, planned.destination) IS NOT NULL`,
  );
  const dead = db.prepare(
    `SELECT lead_id, destination, tag FROM deliveries
     WHERE state = 'dead' AND (?1 IS NULL OR destination = ?1) AND (?2 IS NULL OR reason_code = ?2)
     LIMIT ?3`,
  );
  const renew = db.prepare(
    `UPDATE deliveries SET state = 'pending', retry = 0, due_at = ?, tries = 0, first_try_at = NULL,
       reason_code = NULL, reason_message = NULL, reason_status = NULL
     WHERE lead_id = ? AND destination = ? AND tag = ?`,
  );

  function replay(selection: Selection, { now, actor }: { now: number; actor: Actor }): Replayed {
    const result: Replayed = { replayed: [], refused: [] };
    for (const id of new Set("ids" in selection ? selection.ids : idsOfDead(selection))) {
      const refused = refusalOf(id);
      if (refused) {
        result.refused.push({ id, message: refused });
      } else {
        renewOne(id, now);
        recordAct(now, actor, "replay", id);
        result.replayed.push(id);
      }
    }
    return result;
  }

  function idsOfDead({ destination, code, limit }: Extract<Selection, { state: "dead" }>): DeliveryId[] {
    const rows = dead.all(destination ?? null, code ?? null, limit ?? -1) as Pick<
      DeliveryRow,
      "lead_id" | "destination" | "tag"
    >[];
    return rows.map((row) => deliveryIdOf(row.lead_id, row.destination, row.tag));
  }

  function refusalOf(id: DeliveryId): string | null {
    const key = parseDeliveryId(id);
    const row =
      key && (find.get(key.leadId, key.destination, key.tag) as { state: string; lead_state: string } | undefined);
    if (!row) return "is not on record";
    if (row.lead_state === "erased" && eventOfTag(key.tag) !== "lead.erased") return "belongs to an erased lead";
    if (row.lead_state === "quarantined") return "belongs to a quarantined lead: release it first";
    return refusals[row.state] ?? null;
  }

  function renewOne(id: DeliveryId, now: number): void {
    const key = parseDeliveryId(id);
    if (!key) return;
    renew.run(now, key.leadId, key.destination, key.tag);
    interests.changed(key.leadId);
  }

  return { replay };
}
