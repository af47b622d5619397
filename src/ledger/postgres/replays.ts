import { type DeliveryId, deliveryIdOf, eventOfTag, type LeadId, parseDeliveryId } from "../../model/id.ts";
import type { Actor, Replayed, Selection } from "../ledger.ts";
import type { DeliveryRow } from "../rows.ts";
import { recordAct } from "./acts.ts";
import { columnsOf } from "./columns.ts";
import type { Transaction } from "./database.ts";
import type { InterestsNoted } from "./interests.ts";

const refusals: Record<string, string> = {
  delivered: "is delivered already",
  claimed: "is being delivered right now",
  withheld: "is withheld: it needs consent, not a replay (leadkeep grant)",
};

type Key = NonNullable<ReturnType<typeof parseDeliveryId>>;
type Found = Pick<DeliveryRow, "lead_id" | "destination" | "tag" | "state"> & { lead_state: string };

/** A person's "send it again". */
export async function replay(
  tx: Transaction,
  selection: Selection,
  { now, actor }: { now: number; actor: Actor },
  interests: InterestsNoted,
): Promise<Replayed> {
  const ids = [...new Set("ids" in selection ? selection.ids : await idsOfDead(tx, selection))];
  const found = await find(
    tx,
    ids.flatMap((id) => parseDeliveryId(id) ?? []),
  );
  const refused = ids.flatMap((id) => {
    const message = refusalOf(found.get(id));
    return message === null ? [] : [{ id, message }];
  });
  const no = new Set<string>(refused.map(({ id }) => id));
  const replayed = ids.filter((id) => !no.has(id));
  const keys = replayed.flatMap((id) => parseDeliveryId(id) ?? []);
  await renew(tx, keys, now);
  interests.changed(tx, [...new Set(keys.map(({ leadId }) => leadId))]);
  await recordAct(tx, ...replayed.map((subject) => ({ at: now, actor, act: "replay", subject })));
  return { replayed, refused };
}

/** Deliveries are due now, with a fresh schedule. They are locked. */
export async function renew(tx: Transaction, keys: readonly Key[], now: number): Promise<void> {
  if (keys.length === 0) return;
  await tx.query(
    `UPDATE deliveries SET state = 'pending', retry = 0, due_at = $4, tries = 0, first_try_at = NULL,
       reason_code = NULL, reason_message = NULL, reason_status = NULL
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
      now,
    ],
  );
}

/** Locks leads, then deliveries. */
async function find(tx: Transaction, keys: readonly Key[]): Promise<Map<string, Found>> {
  const ids: LeadId[] = [...new Set(keys.map(({ leadId }) => leadId))];
  await tx.query("SELECT 1 FROM leads WHERE id = ANY($1) ORDER BY id FOR SHARE", [ids]);
  const rows = await tx.query<Found>(
    `SELECT deliveries.lead_id, deliveries.destination, deliveries.tag, deliveries.state, leads.state AS lead_state
     FROM unnest($1::text[], $2::text[], $3::text[]) AS chosen (lead_id, destination, tag)
     JOIN deliveries ON deliveries.lead_id = chosen.lead_id AND deliveries.destination = chosen.destination
       AND deliveries.tag = chosen.tag
     JOIN leads ON leads.id = chosen.lead_id
     ORDER BY deliveries.lead_id, deliveries.destination, deliveries.tag FOR UPDATE OF deliveries`,
    columnsOf(
      keys,
      ({ leadId }) => leadId,
      ({ destination }) => destination,
      ({ tag }) => tag,
    ),
  );
  return new Map(rows.map((row) => [deliveryIdOf(row.lead_id, row.destination, row.tag), row]));
}

async function idsOfDead(
  tx: Transaction,
  { destination, code, limit }: Extract<Selection, { state: "dead" }>,
): Promise<DeliveryId[]> {
  const rows = await tx.query<Pick<DeliveryRow, "lead_id" | "destination" | "tag">>(
    `SELECT lead_id, destination, tag FROM deliveries
     WHERE state = 'dead' AND tries >= 0 AND ($1::text IS NULL OR destination = $1) AND ($2::text IS NULL OR reason_code = $2)
     LIMIT $3`,
    [destination ?? null, code ?? null, limit ?? null],
  );
  return rows.map((row) => deliveryIdOf(row.lead_id, row.destination, row.tag));
}

/** Null when it may be replayed, else why not. */
function refusalOf(row: Found | undefined): string | null {
  if (!row) return "is not on record";
  if (row.lead_state === "erased" && eventOfTag(row.tag) !== "lead.erased") return "belongs to an erased lead";
  if (row.lead_state === "quarantined") return "belongs to a quarantined lead: release it first";
  return refusals[row.state] ?? null;
}
