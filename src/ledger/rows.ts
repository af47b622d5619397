import type { ConsentEvent, LawfulBasis } from "../model/consent.ts";
import type { Attempt, Delivery, DeliveryState } from "../model/delivery.ts";
import { deliveryIdOf, eventOfTag, type FollowUpTag, type LeadId } from "../model/id.ts";
import type { Json } from "../model/json.ts";
import type { Lead, LeadState } from "../model/lead.ts";
import type { OutcomeType, Reason } from "../model/outcome.ts";
import { fromDocument } from "./lead-document.ts";
import type { Pause } from "./ledger.ts";

/** The tables' rows as the stores give them, and the one place where they become the model's words. */

export type ReasonColumns = { reason_code: string | null; reason_message: string | null };

export type LeadRow = {
  id: LeadId;
  form: string;
  state: LeadState;
  received_at: number;
  person: string | null;
  key: string | null;
  document: string;
};

export type ConsentRow = Omit<ConsentEvent, "pageUrl" | "locale" | "recipients" | "formVersion"> & {
  page_url: string | null;
  locale: string | null;
  recipients: string | null;
  form_version: string | null;
};

export type DeliveryRow = ReasonColumns & {
  lead_id: LeadId;
  destination: string;
  tag: FollowUpTag | "";
  kind: string;
  purpose: string;
  state: DeliveryState;
  due_at: number | null;
  tries: number;
  attempts: number;
  first_try_at: number | null;
  worker: string | null;
  /** SQLite has no booleans: there it is 0 or 1. */
  uncertain: boolean | number;
  superseded: boolean | number;
  person: string | null;
  progress: string | null;
  reason_status: number | null;
  ref: string | null;
  warnings: string | null;
};

export type AttemptRow = ReasonColumns & {
  n: number;
  started_at: number;
  basis: LawfulBasis;
  duration_ms: number | null;
  outcome: OutcomeType | null;
  status: number | null;
};

export type PauseRow = {
  destination: string;
  since: number;
  paused_by: Pause["by"];
  reason_code: string;
  reason_message: string;
  reason_status: number | null;
};

/** `later`: the consent events that came after the form. */
export function leadOf(row: LeadRow, later: readonly ConsentRow[]): Lead {
  const { id, state, form, received_at: receivedAt, person } = row;
  const lead = fromDocument({ id, state, form, receivedAt, person }, row.document);
  return later.length > 0 ? { ...lead, consents: [...lead.consents, ...later.map(consentOf)] } : lead;
}

function consentOf({
  page_url: pageUrl,
  locale,
  recipients,
  form_version: formVersion,
  ...rest
}: ConsentRow): ConsentEvent {
  return {
    ...rest,
    pageUrl,
    ...(locale === null ? {} : { locale }),
    ...(recipients === null ? {} : { recipients: JSON.parse(recipients) as string[] }),
    ...(formVersion === null ? {} : { formVersion }),
  };
}

export function deliveryOf(row: DeliveryRow): Delivery {
  return {
    id: deliveryIdOf(row.lead_id, row.destination, row.tag),
    leadId: row.lead_id,
    destination: row.destination,
    event: eventOfTag(row.tag),
    kind: row.kind,
    purpose: row.purpose,
    state: row.state,
    dueAt: row.state === "pending" ? row.due_at : null,
    tries: row.tries,
    attempts: row.attempts,
    firstTryAt: row.first_try_at,
    uncertain: Boolean(row.uncertain),
    superseded: Boolean(row.superseded),
    progress: row.progress === null ? null : (JSON.parse(row.progress) as Json),
    reason: reasonOf(row, row.reason_status),
    ref: row.ref,
    warnings: row.warnings === null ? [] : (JSON.parse(row.warnings) as string[]),
  };
}

export function attemptOf(row: AttemptRow): Attempt {
  return {
    n: row.n,
    startedAt: row.started_at,
    durationMs: row.duration_ms,
    outcome: row.outcome,
    status: row.status,
    reason: reasonOf(row, row.status),
    basis: row.basis,
  };
}

export function pauseOf(row: PauseRow): Pause {
  return {
    destination: row.destination,
    since: row.since,
    by: row.paused_by,
    reason: reasonOf(row, row.reason_status) ?? { code: "paused", message: "paused" },
  };
}

export function reasonOf(
  { reason_code: code, reason_message: message }: ReasonColumns,
  status: number | null,
): Reason | null {
  if (code === null || message === null) return null;
  return status === null ? { code, message } : { code, message, status };
}
