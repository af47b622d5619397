import type { Happening } from "../model/observer.ts";
import type { Attempted } from "./attempt.ts";

/** What came of an attempt, when it began and how long it took. */
export type Ended = Attempted & { startedAt: number; durationMs: number };

/** What observers are told of it. */
export function happeningOf({ claim, outcome: { type: outcome }, startedAt, durationMs }: Ended): Happening {
  const { delivery, lead } = claim;
  const { id, event, destination, attempts: n } = delivery;
  const hasArrived = outcome === "delivered" && event === "lead.created";
  const waitMs = hasArrived ? Math.max(0, startedAt + durationMs - lead.receivedAt) : null;
  return {
    type: "attempted",
    delivery: id,
    lead: lead.id,
    event,
    destination,
    n,
    outcome,
    startedAt,
    durationMs,
    waitMs,
  };
}
