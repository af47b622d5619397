import type { LeadId } from "../../model/id.ts";
import type { Screening } from "../../model/lead.ts";
import type { Actor } from "../ledger.ts";
import type { LeadRow } from "../rows.ts";
import { recordAct } from "./acts.ts";
import { dropChecks, endCheck } from "./captcha-checks.ts";
import { columnsOf } from "./columns.ts";
import type { Transaction } from "./database.ts";
import type { InterestsNoted } from "./interests.ts";
import { lockLeads, moveLeads } from "./leads.ts";
import { again } from "./redeliveries.ts";

type Released = { now: number; actor: Actor };

/** A person's "this is no spam". Answers those it was done for: leads in quarantine. */
export async function releaseLeads(
  tx: Transaction,
  ids: readonly LeadId[],
  request: Released,
  interests: InterestsNoted,
): Promise<LeadId[]> {
  const rows = (await lockLeads(tx, ids)).filter(({ state }) => state === "quarantined");
  if (rows.length === 0) return [];
  await dropChecks(tx, rows);
  const there = new Set(rows.map(({ id }) => id));
  const released = [...new Set(ids)].filter((id) => there.has(id));
  await release(tx, rows, released, request, interests);
  return released;
}

/** Ends the check of a captcha, and lets the lead go on when it passed. False when there is no such check any more. */
export async function settleCheck(
  tx: Transaction,
  lead: LeadId,
  verdict: { screening: Screening | null; release: boolean },
  request: Released,
  interests: InterestsNoted,
): Promise<boolean> {
  const [row] = await lockLeads(tx, [lead]);
  if (!row || !(await endCheck(tx, row, verdict.screening))) return false;
  if (verdict.release) await release(tx, [row], [lead], request, interests);
  return true;
}

async function release(
  tx: Transaction,
  rows: readonly LeadRow[],
  released: readonly LeadId[],
  { now, actor }: Released,
  interests: InterestsNoted,
): Promise<void> {
  await moveLeads(tx, rows, "active");
  // Consent that came meanwhile released nothing, since the lead was held back. The gate is asked again in any case.
  await tx.query(
    `UPDATE deliveries SET state = 'pending', due_at = $1, reason_code = NULL, reason_message = NULL, reason_status = NULL
     WHERE lead_id = ANY($2) AND state = 'withheld' AND (reason_code = 'quarantined' OR EXISTS (
       SELECT 1 FROM consents
       WHERE lead_id = deliveries.lead_id AND purpose = deliveries.purpose AND action = 'granted'))`,
    [now, released],
  );
  await bringBack(tx, released, now, interests);
  interests.changed(tx, released);
  await recordAct(tx, ...released.map((subject) => ({ at: now, actor, act: "release", subject })));
}

type Removed = { lead_id: LeadId; destination: string; person: string | null };

/** Removals that have not gone out are ended; where one arrived, or may have, the lead is delivered again. A removal counts once. */
async function bringBack(
  tx: Transaction,
  ids: readonly LeadId[],
  now: number,
  interests: InterestsNoted,
): Promise<void> {
  await tx.query(
    `UPDATE deliveries SET state = 'cancelled', due_at = NULL, reason_code = 'released',
       reason_message = 'the lead was released: it is no spam', reason_status = NULL
     WHERE lead_id = ANY($1) AND tag LIKE 'erased-%' AND state IN ('pending', 'withheld', 'dead')`,
    [ids],
  );
  const removed = await tx.query<Removed>(
    `SELECT lead.lead_id, lead.destination, lead.person FROM deliveries AS lead
     WHERE lead.lead_id = ANY($1) AND lead.tag = '' AND lead.state = 'delivered' AND EXISTS (
       SELECT 1 FROM deliveries AS removal WHERE removal.lead_id = lead.lead_id
         AND removal.destination = lead.destination AND removal.tag LIKE 'erased-%' AND (removal.state = 'claimed'
           OR (removal.state = 'delivered' OR removal.state = 'cancelled' AND removal.uncertain)
             AND removal.reason_code IS DISTINCT FROM 'undone'))`,
    [ids],
  );
  if (removed.length === 0) return;
  await tx.query(
    `UPDATE deliveries SET reason_code = 'undone', reason_message = 'the lead was released and delivered again',
       reason_status = NULL
     FROM unnest($1::text[], $2::text[]) AS chosen (lead_id, destination)
     WHERE deliveries.lead_id = chosen.lead_id AND deliveries.destination = chosen.destination
       AND deliveries.tag LIKE 'erased-%' AND deliveries.state IN ('delivered', 'cancelled')`,
    columnsOf(
      removed,
      ({ lead_id }) => lead_id,
      ({ destination }) => destination,
    ),
  );
  await again(tx, removed, now, interests);
}
