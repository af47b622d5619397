import type { DatabaseSync } from "node:sqlite";
import type { LeadId } from "../../model/id.ts";
import type { Lead } from "../../model/lead.ts";
import type { OutcomeType } from "../../model/outcome.ts";
import type { AttemptTally, LeadTally } from "../ledger.ts";
import { hourOf, waitOf } from "../tally-keys.ts";
import { prepareSums } from "./sums.ts";

/** An attempt at bringing a lead, as it ended. */
type Ended = { leadId: LeadId; destination: string; outcome: OutcomeType; startedAt: number; durationMs: number };

/** A lead, as far as it is counted. `source`: by `sourceOf`. */
type Counted = Pick<Lead, "id" | "form" | "state" | "receivedAt"> & { source: string };

/** How many leads came and what became of attempts, hour by hour; and the counts that would be dear to take from the rows. */
export function prepareTallies(db: DatabaseSync) {
  const byHour = prepareSums(db, "lead_tallies", ["hour", "form", "source"], { count: "sum" });
  const hours = prepareSums(db, "lead_hours", ["hour"], { first_id: "min", last_id: "max", last_seq: "max" });
  const byState = prepareSums(db, "lead_counts", ["form", "state"], { count: "sum", last_at: "max" });
  const attempts = prepareSums(db, "attempt_tallies", ["hour", "destination", "outcome", "wait"], {
    count: "sum",
    duration_ms: "sum",
  });
  const delivered = prepareSums(db, "delivered_counts", ["destination"], { count: "sum", last_at: "max" });
  const all = [byHour, hours, byState, attempts, delivered];
  const leadTallies = db.prepare("SELECT hour, form, source, count FROM lead_tallies WHERE hour >= ? ORDER BY hour");
  const attemptTallies = db.prepare(
    `SELECT hour, destination, outcome, NULLIF(wait, 0) AS wait, count, duration_ms AS durationMs FROM attempt_tallies
     WHERE hour >= ? ORDER BY hour`,
  );

  return {
    /** A lead was recorded at this place. */
    accepted({ id, form, state, receivedAt, source }: Counted, seq: number): void {
      const hour = hourOf(receivedAt);
      byHour.add({ hour, form, source }, { count: 1 });
      hours.add({ hour }, { first_id: id, last_id: id, last_seq: seq });
      byState.add({ form, state }, { count: 1, last_at: receivedAt });
    },
    settled({ leadId, destination, outcome, startedAt, durationMs }: Ended): void {
      const at = startedAt + durationMs;
      const arrived = outcome === "delivered";
      const wait = arrived ? waitOf(leadId, at) : 0;
      attempts.add({ hour: hourOf(at), destination, outcome, wait }, { count: 1, duration_ms: durationMs });
      if (arrived) delivered.add({ destination }, { count: 1, last_at: at });
    },
    /** What was delivered there is to be delivered again. */
    undelivered: (destination: string): void => delivered.add({ destination }, { count: -1, last_at: 0 }),
    write(): void {
      for (const sums of all) sums.write();
    },
    forget(): void {
      for (const sums of all) sums.forget();
    },
    leadTallies: (since: number) => leadTallies.all(hourOf(since)) as LeadTally[],
    attemptTallies: (since: number) => attemptTallies.all(hourOf(since)) as AttemptTally[],
  };
}

export type Tallies = ReturnType<typeof prepareTallies>;
