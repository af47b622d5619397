import type { ConsentEvent } from "../../model/consent.ts";
import { LeadkeepError } from "../../model/errors.ts";
import { type DeliveryId, deliveryIdOf, type FollowUpTag, type LeadId } from "../../model/id.ts";
import type { Actor, ConsentConsequences, ConsentRecorded } from "../ledger.ts";
import { recordAct } from "./acts.ts";
import type { Transaction } from "./database.ts";
import { addAll } from "./follow-ups.ts";
import type { InterestsNoted } from "./interests.ts";
import { lockLeads } from "./leads.ts";
import { recordsOf } from "./records.ts";

type Moved = { destination: string; tag: FollowUpTag | "" };

/**
 * Appends a consent event that came after the form, with what follows from it. The lead's deliveries are locked first: a claim
 * is either over, and then under way, or comes after the event and sees it. `ahead`: by how much the database's clock is ahead of the
 * event's.
 */
export async function recordConsent(
  tx: Transaction,
  leadId: LeadId,
  event: ConsentEvent,
  actor: Actor,
  { spare = [], followUps }: ConsentConsequences,
  interests: InterestsNoted,
  ahead: number,
): Promise<ConsentRecorded> {
  const [lead] = await lockLeads(tx, [leadId]);
  if (!lead) throw new LeadkeepError("unknown_lead", `There is no lead ${leadId}.`);
  if (lead.state === "erased") throw new LeadkeepError("erased", `Lead ${leadId} belongs to a person who was erased.`);
  const { purpose, action } = event;
  const now = event.at + ahead;
  await append(tx, leadId, event);
  await recordAct(tx, { at: now, actor, act: `consent ${action}: ${purpose}`, subject: leadId });
  const released = action === "granted" && lead.state === "active" ? await releaseFor(tx, leadId, purpose, now) : [];
  const stopped = action === "withdrawn" ? await stopFor(tx, leadId, purpose, spare) : [];
  if (released.length + stopped.length > 0) interests.changed(tx, [leadId]);
  const [record] = followUps ? await recordsOf(tx, [lead]) : [];
  return { released, stopped, followUps: await addAll(tx, lead, record ? (followUps?.(record) ?? []) : [], now) };
}

async function append(tx: Transaction, leadId: LeadId, event: ConsentEvent): Promise<void> {
  const { purpose, action, text, version, at, source, control, pageUrl } = event;
  const { locale = null, recipients, formVersion = null } = event;
  const named = recipients ? JSON.stringify(recipients) : null;
  await tx.query(
    `INSERT INTO consents (lead_id, n, purpose, action, text, version, at, source, control, page_url, locale, recipients,
       form_version)
     SELECT $1, (SELECT COALESCE(MAX(n), -1) + 1 FROM consents WHERE lead_id = $1), $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12`,
    [leadId, purpose, action, text, version, at, source, control, pageUrl, locale, named, formVersion],
  );
}

/** What was withheld for a purpose, or stopped by its withdrawal, goes on. */
async function releaseFor(tx: Transaction, leadId: LeadId, purpose: string, now: number): Promise<DeliveryId[]> {
  const rows = await tx.query<Moved>(
    `UPDATE deliveries SET state = 'pending', due_at = $1, reason_code = NULL, reason_message = NULL, reason_status = NULL
     WHERE lead_id = $2 AND purpose = $3 AND tag = ''
       AND (state = 'withheld' AND reason_code <> 'quarantined' OR state = 'cancelled' AND reason_code = 'consent_withdrawn')
     RETURNING destination, tag`,
    [now, leadId, purpose],
  );
  return idsOf(leadId, rows);
}

/** What waits for a purpose is stopped, other than at destinations that are to be spared. */
async function stopFor(
  tx: Transaction,
  leadId: LeadId,
  purpose: string,
  spare: readonly string[],
): Promise<DeliveryId[]> {
  const rows = await tx.query<Moved>(
    `UPDATE deliveries SET state = 'cancelled', due_at = NULL, reason_code = 'consent_withdrawn', reason_message = $1,
       reason_status = NULL
     WHERE lead_id = $2 AND purpose = $3 AND tag = '' AND state IN ('pending', 'withheld') AND destination <> ALL ($4::text[])
     RETURNING destination, tag`,
    [`consent for "${purpose}" was withdrawn`, leadId, purpose, spare],
  );
  return idsOf(leadId, rows);
}

function idsOf(leadId: LeadId, rows: readonly Moved[]): DeliveryId[] {
  return rows.map(({ destination, tag }) => deliveryIdOf(leadId, destination, tag));
}
