import type { DatabaseSync } from "node:sqlite";
import { setImmediate as breathe } from "node:timers/promises";
import type { DeliveryState } from "../../model/delivery.ts";
import type { LeadId } from "../../model/id.ts";
import { type LeadState, leadStates } from "../../model/lead.ts";
import type { DeadLetters, DestinationCounts, FormSummary } from "../ledger.ts";
import { type ReasonColumns, reasonOf } from "../rows.ts";
import type { Plans } from "./plans.ts";
import { listedStates, type Sources } from "./sources.ts";

const listed = ["pending", "dead", "withheld", "cancelled"] as const satisfies readonly DeliveryState[];

type Cause = ReasonColumns & {
  reason_status: number | null;
  destination: string;
  count: number;
  oldest: LeadId;
  newest: LeadId;
};

/** What stands where, counted. None of it reads what is delivered. */
export function prepareOverview(db: DatabaseSync, { plans, sources }: { plans: Plans; sources: Sources }) {
  const planned = db.prepare("SELECT DISTINCT destination FROM planned");
  const delivered = db.prepare("SELECT destination, count, last_at FROM delivered_counts");
  const claimed = db.prepare(
    `SELECT destination, COUNT(*) AS count, MIN(lead_id) AS oldest FROM deliveries WHERE state = 'claimed' AND tag = ''
     GROUP BY destination`,
  );
  const count = db.prepare(
    `SELECT COUNT(*) AS count FROM deliveries WHERE ${listedStates} AND state = ? AND destination = ? AND tag = ''`,
  );
  const oldestPending = db.prepare(
    `SELECT lead_id AS oldest FROM deliveries WHERE ${listedStates} AND state = 'pending' AND destination = ? AND tag = ''
     ORDER BY lead_id LIMIT 1`,
  );
  const receivedAt = db.prepare("SELECT received_at FROM leads WHERE id = ?");
  const causes = db.prepare(
    `SELECT destination, reason_code, reason_message, reason_status, COUNT(*) AS count, MIN(lead_id) AS oldest,
       MAX(lead_id) AS newest
     FROM deliveries WHERE state = 'dead' GROUP BY destination, reason_code, reason_message, reason_status`,
  );
  const leadsByState = db.prepare("SELECT state, SUM(count) AS count FROM lead_counts GROUP BY state");
  const forms = db.prepare(
    `SELECT form, SUM(count) AS leads, MAX(last_at) AS lastLeadAt FROM lead_counts GROUP BY form
     HAVING SUM(count) > 0 ORDER BY form`,
  );

  async function counts(): Promise<DestinationCounts[]> {
    const arrived = new Map(delivered.all().map((row) => [String(row.destination), row]));
    const underWay = new Map(claimed.all().map((row) => [String(row.destination), row]));
    const names = [
      ...planned.all().map((row) => String(row.destination)),
      ...[...arrived.keys(), ...underWay.keys()],
      ...listed.flatMap((state) => sources.destinationsIn(state)),
    ];
    const all: DestinationCounts[] = [];
    for (const destination of [...new Set(names)].sort()) {
      const counts: DestinationCounts["counts"] = {};
      const note = (state: DeliveryState, n: number) => {
        if (n > 0) counts[state] = (counts[state] ?? 0) + n;
      };
      for (const state of listed) note(state, Number(count.get(state, destination)?.count));
      note("claimed", Number(underWay.get(destination)?.count ?? 0));
      note("delivered", Number(arrived.get(destination)?.count ?? 0));
      note("pending", await plans.countNew(destination));
      const waiting = [oldestPending.get(destination)?.oldest, underWay.get(destination)?.oldest].map(timeOf);
      const [firstNew] = plans.newAt(destination, 1);
      all.push({
        destination,
        counts,
        oldestWaiting: earliest([...waiting, firstNew?.lead.received_at ?? null]),
        lastDeliveredAt: Number(arrived.get(destination)?.last_at) || null,
      });
      await breathe();
    }
    return all;
  }

  function timeOf(lead: unknown): number | null {
    return (receivedAt.get((lead as LeadId | undefined) ?? null)?.received_at as number | undefined) ?? null;
  }

  return {
    counts,
    /** By cause; `oldest` and `newest` say when the leads were kept. */
    deadLetters: (): DeadLetters[] =>
      (causes.all() as Cause[]).map((row) => ({
        destination: row.destination,
        reason: reasonOf(row, row.reason_status) ?? { code: "unknown", message: "unknown" },
        count: row.count,
        oldest: timeOf(row.oldest) ?? 0,
        newest: timeOf(row.newest) ?? 0,
      })),
    leadCounts: (): Record<LeadState, number> => {
      const found = new Map(leadsByState.all().map((row) => [row.state, Number(row.count)]));
      return Object.fromEntries(leadStates.map((state) => [state, found.get(state) ?? 0])) as Record<LeadState, number>;
    },
    forms: () => forms.all() as FormSummary[],
  };
}

function earliest(times: readonly (number | null)[]): number | null {
  const known = times.filter((time) => time !== null);
  return known.length === 0 ? null : Math.min(...known);
}
