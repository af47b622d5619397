import { noAttribution } from "../../model/attribution.ts";
import type { DeliveryId, LeadId } from "../../model/id.ts";
import { redacted } from "../../model/lead.ts";
import { toDocument } from "../lead-document.ts";
import type { EraseRequest, LeadRecord } from "../ledger.ts";
import type { LeadRow } from "../rows.ts";
import { recordAct } from "./acts.ts";
import type { Transaction } from "./database.ts";
import { addAll } from "./follow-ups.ts";
import { lockLeads, moveLeads } from "./leads.ts";
import { findRecords } from "./records.ts";
import { destroyKeys } from "./sealing.ts";

/**
 * Erases people. Their leads and deliveries are locked first, so that what is just being claimed or settled elsewhere is seen as
 * it comes to stand: a destination that may hold the lead is not forgotten.
 */
export async function erase(
  tx: Transaction,
  ids: readonly LeadId[],
  request: EraseRequest,
): Promise<{ erased: LeadId[]; followUps: DeliveryId[] }> {
  const rows = (await lockLeads(tx, [...new Set(ids)])).filter(({ state }) => state !== "erased");
  const byId = new Map(rows.map((row) => [row.id, row]));
  const erased = [...new Set(ids)].filter((id) => byId.has(id));
  const followUps: DeliveryId[] = [];
  for (const record of await findRecords(tx, erased)) {
    followUps.push(...(await eraseOne(tx, byId.get(record.lead.id) as LeadRow, record, request)));
  }
  await destroyKeys(tx, rows);
  await moveLeads(tx, rows, "erased");
  for (const person of [...request.tombstones].sort()) await entomb(tx, person, request.now);
  return { erased, followUps };
}

/** When the person behind a keyed hash was last erased; null: never. */
export async function erasedAt(tx: Transaction, person: string): Promise<number | null> {
  const [row] = await tx.query<{ at: number }>("SELECT at FROM tombstones WHERE person = $1", [person]);
  return row?.at ?? null;
}

async function eraseOne(
  tx: Transaction,
  lead: LeadRow,
  record: LeadRecord,
  request: EraseRequest,
): Promise<DeliveryId[]> {
  const { now, actor } = request;
  const toFollow = request.followUps(record);
  await tx.query(
    `UPDATE deliveries SET state = 'cancelled', due_at = NULL, reason_code = 'erased',
       reason_message = 'the person was erased', reason_status = NULL
     WHERE lead_id = $1 AND state IN ('pending', 'withheld', 'dead')`,
    [lead.id],
  );
  // Messages are free of personal data by rule; here nothing is left to a rule.
  await tx.query(
    `UPDATE deliveries SET warnings = NULL, reason_message = CASE WHEN reason_message IS NULL THEN NULL ELSE 'erased' END
     WHERE lead_id = $1 AND state <> 'cancelled'`,
    [lead.id],
  );
  await tx.query("UPDATE attempts SET reason_message = 'erased' WHERE lead_id = $1 AND reason_message IS NOT NULL", [
    lead.id,
  ]);
  for (const table of ["consents", "lead_work", "status_marks", "missing", "captcha_checks"]) {
    await tx.query(`DELETE FROM ${table} WHERE lead_id = $1`, [lead.id]);
  }
  const blank = toDocument({ ...redacted(record.lead), attribution: noAttribution });
  await tx.query("UPDATE leads SET document = $1 WHERE id = $2", [blank, lead.id]);
  await recordAct(tx, { at: now, actor, act: "erase", subject: lead.id });
  return addAll(tx, lead, toFollow, now);
}

async function entomb(tx: Transaction, person: string, now: number): Promise<void> {
  await tx.query(
    `INSERT INTO tombstones (person, at) VALUES ($1, $2)
     ON CONFLICT (person) DO UPDATE SET at = GREATEST(tombstones.at, excluded.at)`,
    [person, now],
  );
  await tx.query("DELETE FROM last_delivered WHERE person = $1", [person]);
}
