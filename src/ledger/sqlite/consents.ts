import type { DatabaseSync } from "node:sqlite";
import type { ConsentEvent } from "../../model/consent.ts";
import { type DeliveryId, deliveryIdOf, type FollowUpTag, type LeadId } from "../../model/id.ts";
import type { ConsentRow } from "../rows.ts";
import type { InterestsNoted } from "./interests.ts";

/** The append-only consent events that came after the form; those given at the form stand in the lead's document. */
export function prepareConsents(db: DatabaseSync, interests: InterestsNoted) {
  const insert = db.prepare(
    `INSERT INTO consents (lead_id, n, purpose, action, text, version, at, source, control, page_url, locale, recipients,
       form_version)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const select = db.prepare(
    `SELECT purpose, action, text, version, at, source, control, page_url, locale, recipients, form_version
     FROM consents WHERE lead_id = ? ORDER BY n`,
  );
  const last = db.prepare("SELECT MAX(n) AS n FROM consents WHERE lead_id = ?");
  const release = db.prepare(
    `UPDATE deliveries SET state = 'pending', due_at = ?, reason_code = NULL, reason_message = NULL, reason_status = NULL
     WHERE lead_id = ? AND purpose = ? AND tag = ''
       AND (state = 'withheld' AND reason_code <> 'quarantined' OR state = 'cancelled' AND reason_code = 'consent_withdrawn')
       AND (SELECT state FROM leads WHERE id = deliveries.lead_id) = 'active'
     RETURNING destination, tag`,
  );
  const stop = db.prepare(
    `UPDATE deliveries SET state = 'cancelled', due_at = NULL, reason_code = 'consent_withdrawn', reason_message = ?,
       reason_status = NULL
     WHERE lead_id = ? AND purpose = ? AND tag = '' AND state IN ('pending', 'withheld')
       AND destination NOT IN (SELECT value FROM json_each(?))
     RETURNING destination, tag`,
  );
  const remove = db.prepare("DELETE FROM consents WHERE lead_id = ?");

  /** Appends one event to a lead on record. */
  function append(leadId: LeadId, event: ConsentEvent): void {
    const { purpose, action, text, version, at, source, control, pageUrl } = event;
    const { locale = null, recipients, formVersion = null } = event;
    const n = Number(last.get(leadId)?.n ?? -1) + 1;
    const named = recipients ? JSON.stringify(recipients) : null;
    const where = [control, pageUrl, locale, named, formVersion];
    insert.run(leadId, n, purpose, action, text, version, at, source, ...where);
  }

  /** What was withheld for a purpose, or stopped by its withdrawal, goes on; not for a lead in quarantine or erased. */
  function releaseFor(leadId: LeadId, purpose: string, now: number): DeliveryId[] {
    return moved(leadId, release.all(now, leadId, purpose));
  }

  /** What waits for a purpose is stopped, other than at destinations that are to be spared. */
  function stopFor(leadId: LeadId, purpose: string, spare: readonly string[]): DeliveryId[] {
    const message = `consent for "${purpose}" was withdrawn`;
    return moved(leadId, stop.all(message, leadId, purpose, JSON.stringify(spare)));
  }

  function moved(leadId: LeadId, rows: Record<string, unknown>[]): DeliveryId[] {
    if (rows.length > 0) interests.changed(leadId);
    return rows.map(({ destination, tag }) => deliveryIdOf(leadId, String(destination), tag as FollowUpTag | ""));
  }

  return {
    append,
    releaseFor,
    stopFor,
    of: (leadId: LeadId) => select.all(leadId) as unknown as ConsentRow[],
    remove: (leadId: LeadId) => void remove.run(leadId),
  };
}

export type ConsentRows = ReturnType<typeof prepareConsents>;
