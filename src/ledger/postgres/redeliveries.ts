import { type DeliveryId, deliveryIdOf, type LeadId, parseDeliveryId } from "../../model/id.ts";
import type { Actor, Redelivered } from "../ledger.ts";
import { refusalToRedeliver } from "../redelivery.ts";
import { recordAct } from "./acts.ts";
import { columnsOf } from "./columns.ts";
import type { Transaction } from "./database.ts";
import type { InterestsNoted } from "./interests.ts";

type Key = { lead_id: LeadId; destination: string };
type Found = Key & { lead_state: string; state: string; person: string | null; missing: boolean };

/** True when a later lead of the same person is at a destination. The row's person, lead and destination are named by columns. */
export function newerIsThere({
  person,
  lead,
  destination,
}: {
  person: string;
  lead: string;
  destination: string;
}): string {
  return `EXISTS (
    SELECT 1 FROM leads AS newer JOIN deliveries AS its ON its.lead_id = newer.id AND its.tag = '' AND its.state = 'delivered'
    WHERE newer.person = ${person} AND newer.person IS NOT NULL AND newer.id > ${lead} AND its.destination = ${destination})`;
}

/** Sends again what was delivered and is not there any more. Locks leads, then deliveries. */
export async function redeliver(
  tx: Transaction,
  ids: readonly DeliveryId[],
  { now, actor }: { now: number; actor: Actor },
  interests: InterestsNoted,
): Promise<Redelivered> {
  const wanted = [...new Set(ids)];
  const keys = wanted.flatMap((id) => {
    const key = parseDeliveryId(id);
    return key?.tag === "" ? [{ lead_id: key.leadId, destination: key.destination }] : [];
  });
  await tx.query("SELECT 1 FROM leads WHERE id = ANY($1) ORDER BY id FOR SHARE", [
    [...new Set(keys.map(({ lead_id }) => lead_id))],
  ]);
  const rows = await tx.query<Found>(
    `SELECT deliveries.lead_id, deliveries.destination, deliveries.state, deliveries.person, leads.state AS lead_state,
       missing.run IS NOT NULL AS missing
     FROM unnest($1::text[], $2::text[]) AS chosen (lead_id, destination)
     JOIN deliveries ON deliveries.lead_id = chosen.lead_id AND deliveries.destination = chosen.destination
       AND deliveries.tag = ''
     JOIN leads ON leads.id = chosen.lead_id
     LEFT JOIN missing ON missing.lead_id = chosen.lead_id AND missing.destination = chosen.destination
     ORDER BY deliveries.lead_id, deliveries.destination FOR UPDATE OF deliveries`,
    places(keys),
  );
  const found = new Map(rows.map((row) => [deliveryIdOf(row.lead_id, row.destination), row]));
  const refused = wanted.flatMap((id) => {
    const message = refusalToRedeliver(found.get(id));
    return message === null ? [] : [{ id, message }];
  });
  const no = new Set<string>(refused.map(({ id }) => id));
  const redelivered = wanted.filter((id) => !no.has(id));
  await again(
    tx,
    redelivered.flatMap((id) => found.get(id) ?? []),
    now,
    interests,
  );
  await recordAct(tx, ...redelivered.map((subject) => ({ at: now, actor, act: "redeliver", subject })));
  return { redelivered, refused };
}

/** Makes deliveries pending again that are on record as missing. They are locked. */
export async function again(
  tx: Transaction,
  rows: readonly (Key & { person: string | null })[],
  now: number,
  interests: InterestsNoted,
): Promise<void> {
  if (rows.length === 0) return;
  const newer = newerIsThere({
    person: "deliveries.person",
    lead: "deliveries.lead_id",
    destination: "deliveries.destination",
  });
  // Nothing of the vanished record is used for it: what it was called there, and how far its making had got.
  await tx.query(
    `UPDATE deliveries SET state = 'pending', retry = 0, due_at = $3, tries = 0, first_try_at = NULL, uncertain = true,
       superseded = ${newer}, progress = NULL, ref = NULL, warnings = NULL, reason_code = NULL, reason_message = NULL,
       reason_status = NULL
     FROM unnest($1::text[], $2::text[]) AS chosen (lead_id, destination)
     WHERE deliveries.lead_id = chosen.lead_id AND deliveries.destination = chosen.destination AND deliveries.tag = ''`,
    [...places(rows), now],
  );
  await tx.query(
    `DELETE FROM missing USING unnest($1::text[], $2::text[]) AS chosen (lead_id, destination)
     WHERE missing.lead_id = chosen.lead_id AND missing.destination = chosen.destination`,
    places(rows),
  );
  const people = rows.flatMap(({ person, destination }) => (person === null ? [] : [{ person, destination }]));
  await tx.query(
    `DELETE FROM last_delivered USING unnest($1::text[], $2::text[]) AS chosen (person, destination)
     WHERE last_delivered.person = chosen.person AND last_delivered.destination = chosen.destination`,
    columnsOf(
      people,
      ({ person }) => person,
      ({ destination }) => destination,
    ),
  );
  for (const { destination } of rows) tx.sums.add("delivered_counts", { destination, count: -1, last_at: 0 });
  interests.changed(tx, [...new Set(rows.map(({ lead_id }) => lead_id))]);
}

function places(keys: readonly Key[]): unknown[][] {
  return columnsOf(
    keys,
    ({ lead_id }) => lead_id,
    ({ destination }) => destination,
  );
}
