import type { DatabaseSync } from "node:sqlite";
import type { ConsentEvent } from "../../model/consent.ts";
import { type DeliveryId, deliveryIdOf, type LeadId } from "../../model/id.ts";
import type { InterestsNoted } from "./interests.ts";
import type { ConsentRow } from "./rows.ts";

/** The append-only consent events that came after the form; those given at the form stand in the lead's document. */
export function prepareConsents(db: DatabaseSync, interests: InterestsNoted) {
  const insert = db.prepare(
    `INSERT INTO consents (lead_id, n, purpose, action, text, version, at, source, control, page_url)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const select = db.prepare(
    `SELECT purpose, action, text, version, at, source, control, page_url
     FROM consents WHERE lead_id = ? ORDER BY n`,
  );
  const count = db.prepare("SELECT COUNT(*) AS n FROM consents WHERE lead_id = ?");
  const release = db.prepare(
    `UPDATE deliveries SET state = 'pending', due_at = ?, reason_code = NULL, reason_message = NULL, reason_status = NULL
     WHERE lead_id = ? AND state = 'withheld' AND purpose = ?
       AND (SELECT state FROM leads WHERE id = deliveries.lead_id) = 'active'
     RETURNING destination`,
  );

  /** Appends one event to a lead on record; a grant makes what was withheld for its purpose pending, unless the lead is in quarantine or erased. */
  function record(leadId: LeadId, event: ConsentEvent): DeliveryId[] {
    const { purpose, action, text, version, at, source, control, pageUrl } = event;
    const n = Number(count.get(leadId)?.n);
    insert.run(leadId, n, purpose, action, text, version, at, source, control, pageUrl);
    if (event.action !== "granted") return [];
    const released = release.all(event.at, leadId, event.purpose);
    if (released.length > 0) interests.changed(leadId);
    return released.map((row) => deliveryIdOf(leadId, String(row.destination)));
  }

  return { record, of: (leadId: LeadId) => select.all(leadId) as ConsentRow[] };
}

export type ConsentWriter = ReturnType<typeof prepareConsents>;
