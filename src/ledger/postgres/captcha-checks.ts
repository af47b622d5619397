import type { LeadId } from "../../model/id.ts";
import { type Lead, type Screening, type ScreeningReason, screenedAs, withReason } from "../../model/lead.ts";
import type { CaptchaCheck, Entry } from "../ledger.ts";
import type { LeadRow } from "../rows.ts";
import type { Documents } from "../sealing/documents.ts";
import { columnsOf } from "./columns.ts";
import type { Transaction } from "./database.ts";
import { documentsIn } from "./sealing.ts";

type CheckRow = { lead_id: LeadId; captcha: string; token: string; tries: number };

/** Notes the tokens that new leads wait for. */
export function beginChecks(tx: Transaction, entries: readonly Entry[]): void {
  const awaiting = entries.filter(({ awaited }) => awaited);
  if (awaiting.length === 0) return;
  tx.send(
    `INSERT INTO captcha_checks (lead_id, captcha, token, tries, due_at)
     SELECT lead_id, captcha, token, 0, due_at
     FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[]) AS begun (lead_id, captcha, token, due_at)`,
    columnsOf(
      awaiting,
      ({ lead }) => lead.id,
      ({ awaited }) => awaited?.captcha,
      ({ awaited }) => awaited?.token,
      ({ lead }) => lead.receivedAt,
    ),
  );
}

export async function takeChecks(
  tx: Transaction,
  { now, leaseUntil, limit }: { now: number; leaseUntil: number; limit: number },
): Promise<CaptchaCheck[]> {
  const rows = await tx.query<CheckRow>(
    `UPDATE captcha_checks SET tries = tries + 1, due_at = $2
     WHERE lead_id IN (
       SELECT lead_id FROM captcha_checks WHERE due_at <= $1 ORDER BY due_at LIMIT $3 FOR UPDATE SKIP LOCKED)
     RETURNING lead_id, captcha, token, tries`,
    [now, leaseUntil, limit],
  );
  const leads = await tx.query<LeadRow>("SELECT * FROM leads WHERE id = ANY($1)", [rows.map(({ lead_id }) => lead_id)]);
  const documents = await documentsIn(tx, leads);
  const byId = new Map(leads.map((lead) => [lead.id, lead]));
  return rows.flatMap(({ lead_id, captcha, token, tries }) => {
    const row = byId.get(lead_id);
    return row ? [{ lead: leadIn(row, documents), captcha, token, tries }] : [];
  });
}

export async function putOffCheck(tx: Transaction, lead: LeadId, dueAt: number): Promise<void> {
  await tx.query("UPDATE captcha_checks SET due_at = $1 WHERE lead_id = $2", [dueAt, lead]);
}

/** Ends the check of a lead that is locked. False when there is none any more. */
export async function endCheck(tx: Transaction, row: LeadRow, screening: Screening | null): Promise<boolean> {
  const gone = await tx.change("DELETE FROM captcha_checks WHERE lead_id = $1", [row.id]);
  if (gone === 0 || row.state !== "quarantined") return false;
  await write(tx, row, screening);
  return true;
}

/** A person has judged these leads; they are locked. */
export async function dropChecks(tx: Transaction, rows: readonly LeadRow[]): Promise<void> {
  const gone = await tx.query<{ lead_id: LeadId }>(
    "DELETE FROM captcha_checks WHERE lead_id = ANY($1) RETURNING lead_id",
    [rows.map(({ id }) => id)],
  );
  const ended = new Set(gone.map(({ lead_id }) => lead_id));
  for (const row of rows.filter(({ id }) => ended.has(id))) {
    const { awaiting, ...screening } = leadIn(row, await documentsIn(tx, [row])).screening ?? { score: 0, reasons: [] };
    if (awaiting !== undefined) await write(tx, row, screening.reasons.length > 0 ? screening : null);
  }
}

/** Notes one more reason why a lead is held back. */
export async function addReason(tx: Transaction, row: LeadRow, reason: ScreeningReason): Promise<void> {
  const { screening } = leadIn(row, await documentsIn(tx, [row]));
  await write(tx, row, withReason(screening, reason));
}

/** As it stands in the document: without the consents that came later. */
function leadIn(row: LeadRow, documents: Documents): Lead {
  return documents.read(row, []);
}

async function write(tx: Transaction, row: LeadRow, screening: Screening | null): Promise<void> {
  const documents = await documentsIn(tx, [row]);
  const document = documents.rewritten(row, screenedAs(leadIn(row, documents), screening));
  await tx.query("UPDATE leads SET document = $1 WHERE id = $2", [document, row.id]);
}
