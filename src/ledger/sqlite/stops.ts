import type { DatabaseSync } from "node:sqlite";
import { type DeliveryId, parseDeliveryId } from "../../model/id.ts";
import type { Reason } from "../../model/outcome.ts";
import type { Actor } from "../ledger.ts";
import type { InterestsNoted } from "./interests.ts";
import type { Leads } from "./leads.ts";
import type { Plans } from "./plans.ts";

const refusals: Record<string, string> = {
  delivered: "is delivered already",
  claimed: "is being delivered right now",
  cancelled: "is cancelled already",
};

type RecordAct = (at: number, actor: Actor, act: string, subject: string) => void;

/** A person's "no more": deliveries that wait, are withheld or dead end here. */
export function prepareStops(
  db: DatabaseSync,
  {
    leads,
    plans,
    interests,
    recordAct,
  }: { leads: Leads; plans: Plans; interests: InterestsNoted; recordAct: RecordAct },
) {
  const find = db.prepare("SELECT state FROM deliveries WHERE lead_id = ? AND destination = ? AND tag = ?");
  const stop = db.prepare(
    `UPDATE deliveries SET state = 'cancelled', due_at = NULL, reason_code = ?, reason_message = ?, reason_status = NULL
     WHERE lead_id = ? AND destination = ? AND tag = ?`,
  );

  function cancel(ids: readonly DeliveryId[], { now, actor, reason }: { now: number; actor: Actor; reason: Reason }) {
    const cancelled: DeliveryId[] = [];
    const refused: { id: string; message: string }[] = [];
    for (const id of new Set(ids)) {
      const message = cancelOne(id, reason);
      if (message) {
        refused.push({ id, message });
      } else {
        recordAct(now, actor, `cancel: ${reason.code}`, id);
        cancelled.push(id);
      }
    }
    return { cancelled, refused };
  }

  /** Null when it was done, else why not. */
  function cancelOne(id: DeliveryId, reason: Reason): string | null {
    const key = parseDeliveryId(id);
    const lead = key && leads.findRow(key.leadId);
    if (!lead) return "is not on record";
    plans.writeAll(lead);
    const row = find.get(key.leadId, key.destination, key.tag);
    if (!row) return "is not on record";
    const refused = refusals[String(row.state)];
    if (refused) return refused;
    stop.run(reason.code, reason.message, key.leadId, key.destination, key.tag);
    interests.changed(key.leadId);
    return null;
  }

  return { cancel };
}
