import type { DatabaseSync } from "node:sqlite";
import type { LeadId } from "../../model/id.ts";
import { type Lead, type Screening, screenedAs, withReason } from "../../model/lead.ts";
import type { Actor, CaptchaCheck } from "../ledger.ts";
import type { Documents } from "../sealing/documents.ts";
import type { LeadRow } from "./rows.ts";

type CheckRow = { lead_id: LeadId; captcha: string; token: string; tries: number };
type ReleaseLeads = (ids: readonly LeadId[], request: { now: number; actor: Actor }) => LeadId[];

/** Tokens of captchas whose provider has to be asked. All of it runs inside the commit queue's transaction. */
export function prepareCaptchaChecks(db: DatabaseSync, documents: Documents) {
  const take = db.prepare(
    `UPDATE captcha_checks SET tries = tries + 1, due_at = ?2
     WHERE lead_id IN (SELECT lead_id FROM captcha_checks WHERE due_at <= ?1 ORDER BY due_at LIMIT ?3)
     RETURNING lead_id, captcha, token, tries`,
  );
  const putOff = db.prepare("UPDATE captcha_checks SET due_at = ? WHERE lead_id = ?");
  const remove = db.prepare("DELETE FROM captcha_checks WHERE lead_id = ?");
  const find = db.prepare("SELECT * FROM leads WHERE id = ?");
  const rewrite = db.prepare("UPDATE leads SET document = ? WHERE id = ?");

  /** As it stands in the document: without the consents that came later. */
  function leadIn(row: LeadRow): Lead {
    return documents.read(row, []);
  }

  function write(row: LeadRow, screening: Screening | null): void {
    rewrite.run(documents.rewritten(row, screenedAs(leadIn(row), screening)), row.id);
  }

  return {
    take({ now, leaseUntil, limit }: { now: number; leaseUntil: number; limit: number }): CaptchaCheck[] {
      return (take.all(now, leaseUntil, limit) as CheckRow[]).flatMap(({ lead_id, captcha, token, tries }) => {
        const row = find.get(lead_id) as LeadRow | undefined;
        return row ? [{ lead: leadIn(row), captcha, token, tries }] : [];
      });
    },
    putOff: (lead: LeadId, dueAt: number): void => void putOff.run(dueAt, lead),
    settle(
      id: LeadId,
      { screening, release }: { screening: Screening | null; release: boolean },
      request: { now: number; actor: Actor },
      releaseLeads: ReleaseLeads,
    ): boolean {
      const row = find.get(id) as LeadRow | undefined;
      if (remove.run(id).changes === 0 || row?.state !== "quarantined") return false;
      write(row, screening);
      if (release) releaseLeads([id], request);
      return true;
    },
    /** A person has judged the lead, or it is gone. */
    drop(id: LeadId): void {
      const row = remove.run(id).changes > 0 ? (find.get(id) as LeadRow | undefined) : undefined;
      if (!row) return;
      const { awaiting, ...screening } = leadIn(row).screening ?? { score: 0, reasons: [] };
      if (awaiting !== undefined) write(row, screening.reasons.length > 0 ? screening : null);
    },
    /** Notes one more reason why it is held back. */
    addReason(row: LeadRow, reason: Screening["reasons"][number]): void {
      write(row, withReason(leadIn(row).screening, reason));
    },
  };
}

export type CaptchaChecks = ReturnType<typeof prepareCaptchaChecks>;
