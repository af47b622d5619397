import type { DatabaseSync } from "node:sqlite";
import { setImmediate as breathe } from "node:timers/promises";
import type { LeadId } from "../../model/id.ts";
import type { Lead } from "../../model/lead.ts";
import type { OutcomeType } from "../../model/outcome.ts";
import type { AttemptTally, LeadTally } from "../ledger.ts";
import { hourOf, waitOf } from "../tally-keys.ts";
import { prepareSums } from "./sums.ts";

/** Rows read between two turns of the event loop. */
const readAtOnce = 2_000;

type Place = (number | string)[];

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
  // In parts, by their key: a season of many sources has tens of thousands of rows, and reading them is work for the event loop.
  const nextLeadTallies = db.prepare(
    `SELECT hour, form, source, count FROM lead_tallies WHERE (hour, form, source) > (?, ?, ?)
     ORDER BY hour, form, source LIMIT ${readAtOnce}`,
  );
  const nextAttemptTallies = db.prepare(
    `SELECT hour, destination, outcome, NULLIF(wait, 0) AS wait, count, duration_ms AS durationMs FROM attempt_tallies
     WHERE (hour, destination, outcome, wait) > (?, ?, ?, ?) ORDER BY hour, destination, outcome, wait LIMIT ${readAtOnce}`,
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
    leadTallies: (since: number): Promise<LeadTally[]> =>
      inParts([hourOf(since), "", ""], (after) => nextLeadTallies.all(...after) as LeadTally[], placeOfLeads),
    attemptTallies: (since: number): Promise<AttemptTally[]> =>
      inParts(
        [hourOf(since), "", "", 0],
        (after) => nextAttemptTallies.all(...after) as AttemptTally[],
        placeOfAttempts,
      ),
  };
}

export type Tallies = ReturnType<typeof prepareTallies>;

/** All rows after a place. The place to begin with comes before everything in its hour, since nothing has an empty name. */
async function inParts<T>(begin: Place, next: (after: Place) => T[], placeOf: (row: T) => Place): Promise<T[]> {
  const parts: T[][] = [];
  for (let after = begin; ; await breathe()) {
    const part = next(after);
    parts.push(part);
    const last = part.at(-1);
    if (part.length < readAtOnce || !last) return parts.flat();
    after = placeOf(last);
  }
}

function placeOfLeads({ hour, form, source }: LeadTally): Place {
  return [hour, form, source];
}

function placeOfAttempts({ hour, destination, outcome, wait }: AttemptTally): Place {
  return [hour, destination, outcome, wait ?? 0];
}
