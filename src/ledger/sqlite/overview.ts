import type { DatabaseSync } from "node:sqlite";
import { setImmediate as breathe } from "node:timers/promises";
import type { DeliveryState } from "../../model/delivery.ts";
import type { LeadId } from "../../model/id.ts";
import { type LeadState, leadStates } from "../../model/lead.ts";
import type { DeadLetters, DestinationCounts, FormSummary, Ledger } from "../ledger.ts";
import { type ReasonColumns, reasonOf } from "../rows.ts";
import { listedStates } from "./index-conditions.ts";
import type { Plans } from "./plans.ts";
import type { Sources } from "./sources.ts";

const listed = ["pending", "dead", "withheld", "cancelled"] as const satisfies readonly DeliveryState[];
type Listed = (typeof listed)[number];
/** Deliveries counted between two turns of the event loop. */
const countedAtOnce = 20_000;

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
    `SELECT destination, COUNT(*) AS count, MIN(lead_id) AS oldest FROM deliveries WHERE state = 'claimed' AND (?1 OR tag = '')
     GROUP BY destination`,
  );
  const place = `${listedStates} AND state = ?1 AND destination = ?2 AND (lead_id, tag) >= (?3, ?4) AND (?5 OR tag = '')`;
  const nextPart = db.prepare(
    `SELECT lead_id, tag FROM deliveries WHERE ${place} ORDER BY lead_id, tag LIMIT 1 OFFSET ${countedAtOnce}`,
  );
  const countRest = db.prepare(`SELECT COUNT(*) AS count FROM deliveries WHERE ${place}`);
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

  /** Those with a row of their own. In parts, since a year's leads may wait for a destination that is gone. */
  async function countListed(state: Listed, destination: string, followUps: boolean): Promise<number> {
    let count = 0;
    for (let from = ["", ""]; ; await breathe()) {
      const values = [state, destination, ...from, followUps ? 1 : 0];
      const next = nextPart.get(...values);
      if (!next) return count + Number(countRest.get(...values)?.count);
      count += countedAtOnce;
      from = [String(next.lead_id), String(next.tag)];
    }
  }

  function claimedBy(followUps: boolean) {
    return new Map(claimed.all(followUps ? 1 : 0).map((row) => [String(row.destination), row]));
  }

  /** Destinations of leads, whether or not anything has happened to their deliveries, and of what else is on record. */
  function destinationsBeside(others: Iterable<string>): string[] {
    const names = [
      ...planned.all().map((row) => String(row.destination)),
      ...others,
      ...listed.flatMap((state) => sources.destinationsIn(state)),
    ];
    return [...new Set(names)].sort();
  }

  async function backlog(): ReturnType<Ledger["backlog"]> {
    const underWay = claimedBy(true);
    const all: Awaited<ReturnType<Ledger["backlog"]>> = [];
    for (const destination of destinationsBeside(underWay.keys())) {
      const counts: [Exclude<DeliveryState, "delivered">, number][] = [
        ["claimed", Number(underWay.get(destination)?.count ?? 0)],
      ];
      for (const state of listed) {
        const unwritten = state === "pending" ? await plans.countNew(destination) : 0;
        counts.push([state, unwritten + (await countListed(state, destination, true))]);
      }
      for (const [state, count] of counts) if (count > 0) all.push({ destination, state, count });
      await breathe();
    }
    return all;
  }

  async function counts(): Promise<DestinationCounts[]> {
    const arrived = new Map(delivered.all().map((row) => [String(row.destination), row]));
    const underWay = claimedBy(false);
    const all: DestinationCounts[] = [];
    for (const destination of destinationsBeside([...arrived.keys(), ...underWay.keys()])) {
      const counts: DestinationCounts["counts"] = {};
      const note = (state: DeliveryState, n: number) => {
        if (n > 0) counts[state] = (counts[state] ?? 0) + n;
      };
      for (const state of listed) note(state, await countListed(state, destination, false));
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
    backlog,
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
