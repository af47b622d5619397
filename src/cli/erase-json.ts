import type { ErasurePlan, ErasureTask } from "../privacy/erasure.ts";
import type { Erased, ErasureStatus } from "../privacy/rights.ts";
import { identifierText } from "../privacy/subject.ts";

/** An erasure as scripts get it: in the same words as from the API. */

export function planJson({ identifier, leads, mentions, others }: ErasurePlan): object {
  return {
    identifier: identifierText(identifier),
    leads: leads.map(({ leadId, receivedAt, ...lead }) => ({ lead_id: leadId, received_at: iso(receivedAt), ...lead })),
    mentions,
    others,
  };
}

export function erasedJson({ erased, tasks, scrubbed }: Erased): object {
  return { erased, tasks: tasks.map(taskJson), scrubbed };
}

export function statusJson({ erasedAt, tasks }: ErasureStatus): object {
  return { erased_at: iso(erasedAt), tasks: tasks.map(taskJson) };
}

function taskJson({ id, leadId, destination, state, reason, ref }: ErasureTask): object {
  const message = reason?.message ?? null;
  return { delivery_id: id, lead_id: leadId, destination, state, message, by_hand: reason?.code === "by_hand", ref };
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
