import { type DeliveryId, deliveryIdOf, followUpTag, type LeadId } from "../../model/id.ts";
import type { FollowUp } from "../ledger.ts";
import type { LeadRow } from "../rows.ts";
import type { Transaction } from "./database.ts";
import { lockLeads } from "./leads.ts";

/** Null when the lead is not active, or has `most` of that event and destination already. */
export async function addFollowUp(
  tx: Transaction,
  leadId: LeadId,
  followUp: FollowUp,
  { now, most }: { now: number; most: number },
): Promise<DeliveryId | null> {
  const [lead] = await lockLeads(tx, [leadId]);
  if (lead?.state !== "active" || (await countOf(tx, leadId, followUp)) >= most) return null;
  return add(tx, lead, followUp, now);
}

/** Adds those that do not wait already. The lead is locked. */
export async function addAll(
  tx: Transaction,
  lead: LeadRow,
  followUps: readonly FollowUp[],
  now: number,
): Promise<DeliveryId[]> {
  const added: DeliveryId[] = [];
  // What is added here does not hold back the next ones: all were decided on together.
  const wanted: FollowUp[] = [];
  for (const followUp of followUps) if (!(await isWaiting(tx, lead.id, followUp))) wanted.push(followUp);
  for (const followUp of wanted) added.push(await add(tx, lead, followUp, now));
  return added;
}

async function add(tx: Transaction, lead: LeadRow, followUp: FollowUp, now: number): Promise<DeliveryId> {
  const { destination, event, kind, purpose, reason } = followUp;
  const tag = followUpTag(event, (await countOf(tx, lead.id, followUp)) + 1);
  const { code = null, message = null, status = null } = reason ?? {};
  const [state, dueAt] = reason === null ? ["pending", now] : ["dead", null];
  await tx.query(
    `INSERT INTO deliveries (lead_id, destination, tag, kind, purpose, state, due_at, person, reason_code, reason_message,
       reason_status)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    [lead.id, destination, tag, kind, purpose, state, dueAt, lead.person, code, message, status],
  );
  return deliveryIdOf(lead.id, destination, tag);
}

async function countOf(tx: Transaction, leadId: LeadId, { destination, event }: FollowUp): Promise<number> {
  const [row] = await tx.query<{ n: number }>(
    "SELECT COUNT(*) AS n FROM deliveries WHERE lead_id = $1 AND destination = $2 AND starts_with(tag, $3)",
    [leadId, destination, prefixOf(event)],
  );
  return row?.n ?? 0;
}

async function isWaiting(tx: Transaction, leadId: LeadId, { destination, event, purpose }: FollowUp): Promise<boolean> {
  const rows = await tx.query(
    `SELECT 1 FROM deliveries
     WHERE lead_id = $1 AND destination = $2 AND starts_with(tag, $3) AND purpose = $4 AND state IN ('pending', 'dead')`,
    [leadId, destination, prefixOf(event), purpose],
  );
  return rows.length > 0;
}

function prefixOf(event: FollowUp["event"]): string {
  return followUpTag(event, 0).slice(0, -1);
}
