import type { Attempt, Delivery } from "../model/delivery.ts";
import type { Screening } from "../model/lead.ts";
import { type LeadPayload, leadPayload } from "../model/payload.ts";
import type { LeadRecord } from "./ledger.ts";

/** A lead with its way, as the command line and the API show it: the standard payload plus `state`, `deliveries`, and `screening` if any. */
export type RecordJson = LeadPayload & { state: string; screening?: Screening; deliveries: DeliveryJson[] };

type DeliveryJson = {
  id: string;
  destination: string;
  kind: string;
  purpose: string;
  state: string;
  attempts: {
    n: number;
    started_at: string;
    duration_ms: number | null;
    outcome: string | null;
    status: number | null;
    reason: { code: string; message: string } | null;
    basis: string;
  }[];
  next_attempt_at: string | null;
  reason: { code: string; message: string } | null;
  ref: string | null;
  warnings: string[];
};

export function recordJson({ lead, deliveries }: LeadRecord): RecordJson {
  const { state, screening } = lead;
  return { ...leadPayload(lead), state, ...(screening ? { screening } : {}), deliveries: deliveries.map(deliveryJson) };
}

function deliveryJson(delivery: Delivery & { history: Attempt[] }): DeliveryJson {
  const { id, destination, kind, purpose, state, history, dueAt, reason, ref, warnings } = delivery;
  return {
    id,
    destination,
    kind,
    purpose,
    state,
    attempts: history.map((attempt) => ({
      n: attempt.n,
      started_at: iso(attempt.startedAt),
      duration_ms: attempt.durationMs,
      outcome: attempt.outcome,
      status: attempt.status,
      reason: attempt.reason && { code: attempt.reason.code, message: attempt.reason.message },
      basis: attempt.basis,
    })),
    next_attempt_at: dueAt === null ? null : iso(dueAt),
    reason: reason && { code: reason.code, message: reason.message },
    ref,
    warnings,
  };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
