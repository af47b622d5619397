import type { DeliveryRow, LeadRow as StoredLead } from "../rows.ts";

/** A lead's row, with its place in the order of acceptance and where it is to go. */
export type LeadRow = StoredLead & { seq: number; plan: number | null };

/** A delivery's row as it begins: pending, new, and untouched. */
export function newRow(lead: LeadRow, planned: Pick<DeliveryRow, "destination" | "kind" | "purpose">): DeliveryRow {
  return {
    lead_id: lead.id,
    ...planned,
    tag: "",
    state: "pending",
    due_at: lead.received_at,
    tries: 0,
    attempts: 0,
    first_try_at: null,
    worker: null,
    uncertain: 0,
    superseded: 0,
    person: lead.person,
    progress: null,
    reason_code: null,
    reason_message: null,
    reason_status: null,
    ref: null,
    warnings: null,
  };
}
