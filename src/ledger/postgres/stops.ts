import { type DeliveryId, parseDeliveryId } from "../../model/id.ts";
import type { Reason } from "../../model/outcome.ts";
import type { Actor } from "../ledger.ts";
import type { DeliveryRow } from "../rows.ts";
import { recordAct } from "./acts.ts";
import { columnsOf } from "./columns.ts";
import type { Transaction } from "./database.ts";
import type { InterestsNoted } from "./interests.ts";

const refusals: Record<string, string> = {
  delivered: "is delivered already",
  claimed: "is being delivered right now",
  cancelled: "is cancelled already",
};

type Found = Pick<DeliveryRow, "lead_id" | "destination" | "tag" | "state">;

/** A person's "no more": deliveries that wait, are withheld or dead end here. */
export async function cancel(
  tx: Transaction,
  ids: readonly DeliveryId[],
  { now, actor, reason }: { now: number; actor: Actor; reason: Reason },
  interests: InterestsNoted,
): Promise<{ cancelled: DeliveryId[]; refused: { id: string; message: string }[] }> {
  const unique = [...new Set(ids)];
  const keys = unique.map((id) => ({ id, ...(parseDeliveryId(id) ?? { leadId: "", destination: "", tag: "" }) }));
  const found = await find(tx, keys);
  const refused = keys.flatMap(({ id, ...key }) => {
    const row = found.get(placeOf(key.leadId, key.destination, key.tag));
    const message = row ? refusals[row.state] : "is not on record";
    return message === undefined ? [] : [{ id, message }];
  });
  const no = new Set<string>(refused.map(({ id }) => id));
  const chosen = keys.filter(({ id }) => !no.has(id));
  await stop(tx, chosen, reason);
  interests.changed(tx, [...new Set(chosen.map(({ leadId }) => leadId as Found["lead_id"]))]);
  await recordAct(tx, ...chosen.map(({ id }) => ({ at: now, actor, act: `cancel: ${reason.code}`, subject: id })));
  return { cancelled: chosen.map(({ id }) => id), refused };
}

type Key = { leadId: string; destination: string; tag: string };

async function find(tx: Transaction, keys: readonly Key[]): Promise<Map<string, Found>> {
  const rows = await tx.query<Found>(
    `SELECT deliveries.lead_id, deliveries.destination, deliveries.tag, deliveries.state
     FROM unnest($1::text[], $2::text[], $3::text[]) AS chosen (lead_id, destination, tag)
     JOIN deliveries ON deliveries.lead_id = chosen.lead_id AND deliveries.destination = chosen.destination
       AND deliveries.tag = chosen.tag
     ORDER BY deliveries.lead_id, deliveries.destination, deliveries.tag FOR UPDATE OF deliveries`,
    columnsOf(
      keys,
      ({ leadId }) => leadId,
      ({ destination }) => destination,
      ({ tag }) => tag,
    ),
  );
  return new Map(rows.map((row) => [placeOf(row.lead_id, row.destination, row.tag), row]));
}

async function stop(tx: Transaction, keys: readonly Key[], reason: Reason): Promise<void> {
  if (keys.length === 0) return;
  await tx.query(
    `UPDATE deliveries SET state = 'cancelled', due_at = NULL, reason_code = $4, reason_message = $5, reason_status = NULL
     FROM unnest($1::text[], $2::text[], $3::text[]) AS chosen (lead_id, destination, tag)
     WHERE deliveries.lead_id = chosen.lead_id AND deliveries.destination = chosen.destination
       AND deliveries.tag = chosen.tag`,
    [
      ...columnsOf(
        keys,
        ({ leadId }) => leadId,
        ({ destination }) => destination,
        ({ tag }) => tag,
      ),
      reason.code,
      reason.message,
    ],
  );
}

function placeOf(leadId: string, destination: string, tag: string): string {
  return `${leadId} ${destination} ${tag}`;
}
