import type { Gateway } from "../../gateway.ts";
import { type AttemptTally, type DestinationCounts, waitBounds } from "../../ledger/ledger.ts";
import type { Destination } from "../../model/destination.ts";
import type { DestinationDetail, DestinationSummary } from "./destination-schemas.ts";
import { iso, isoOrNull } from "./fields.ts";

/** What is known of a destination: as configured, its lane, what the ledger counts, and the last days' attempts. */
export type DestinationFacts = {
  destination: Destination;
  lane: ReturnType<Gateway["status"]>[number] | undefined;
  counts: DestinationCounts | undefined;
  tallies: readonly AttemptTally[];
};

/** How many days back shares, waits and errors are counted. */
export const talliedDays = 7;

/** Everything known of the configured destinations, in their order. `since`: tallies from here, epoch milliseconds. */
export async function destinationFacts(gateway: Gateway, since: number): Promise<DestinationFacts[]> {
  const { ledger, options } = gateway;
  const [counts, tallies] = await Promise.all([ledger.counts(), ledger.attemptTallies(since)]);
  const lanes = gateway.status();
  return options.destinations.map((destination) => ({
    destination,
    lane: lanes.find(({ id }) => id === destination.id),
    counts: counts.find((one) => one.destination === destination.id),
    tallies: tallies.filter((one) => one.destination === destination.id),
  }));
}

export function destinationSummaryJson({ destination, lane, counts, tallies }: DestinationFacts): DestinationSummary {
  const { id, kind, label } = destination;
  const pause = lane?.pause ?? null;
  const inState = { ...noCounts, ...counts?.counts };
  return {
    id,
    kind,
    label,
    state: pause ? "paused" : lane?.open ? "down" : "working",
    pause: pause && {
      since: iso(pause.since),
      by: pause.by,
      reason: pause.reason.message,
      code: pause.reason.code,
    },
    under_way: lane?.underWay ?? 0,
    counts: inState,
    oldest_waiting_at: isoOrNull(counts?.oldestWaiting),
    last_delivered_at: isoOrNull(counts?.lastDeliveredAt),
    delivered_share: deliveredShare(inState, tallies),
    median_wait_ms: medianWait(tallies),
    errors: errorsOf(tallies),
    can: {
      check: destination.check !== null,
      setup: destination.setup !== null,
      sample: destination.sendSample !== null,
    },
  };
}

/** `dead`: its dead letters by cause. */
export function destinationJson(facts: DestinationFacts, dead: DestinationDetail["dead"]): DestinationDetail {
  const { need, role, pace, concurrency, batchSize, timeoutMs, schedule } = facts.destination;
  const paceNow = facts.lane?.pace;
  return {
    ...destinationSummaryJson(facts),
    purpose: need.purpose,
    basis: need.basis,
    role,
    recipient: need.recipient ?? null,
    pace: pace && {
      limit: pace.limit,
      interval_ms: pace.intervalMs,
      left: paceNow?.left ?? null,
      next_at: isoOrNull(paceNow?.nextAt),
    },
    concurrency,
    batch_size: batchSize,
    timeout_ms: timeoutMs,
    schedule_ms: [...schedule],
    hours: hoursOf(facts.tallies),
    dead,
  };
}

const noCounts = { pending: 0, claimed: 0, delivered: 0, dead: 0, withheld: 0, cancelled: 0 };

/** Of what was delivered lately and what is still owed: how much was delivered. Null when there is neither. */
function deliveredShare(counts: typeof noCounts, tallies: readonly AttemptTally[]): number | null {
  const delivered = sum(tallies.filter(({ outcome }) => outcome === "delivered"));
  const owed = counts.pending + counts.dead;
  return delivered + owed === 0 ? null : delivered / (delivered + owed);
}

/** The bound within which half of what was delivered had arrived; null when nothing was, or it took longer than a day. */
function medianWait(tallies: readonly AttemptTally[]): number | null {
  const delivered = tallies.filter(({ outcome }) => outcome === "delivered");
  const half = sum(delivered) / 2;
  if (half === 0) return null;
  return (
    waitBounds.find((bound) => sum(delivered.filter(({ wait }) => wait !== null && wait <= bound)) >= half) ?? null
  );
}

function errorsOf(tallies: readonly AttemptTally[]): DestinationSummary["errors"] {
  const failed = Map.groupBy(
    tallies.filter(({ outcome }) => outcome !== "delivered"),
    ({ outcome }) => outcome,
  );
  return [...failed]
    .map(([outcome, some]) => ({ outcome, count: sum(some) }))
    .sort((one, other) => other.count - one.count);
}

function hoursOf(tallies: readonly AttemptTally[]): DestinationDetail["hours"] {
  const groups = Map.groupBy(tallies, ({ hour, outcome }) => `${hour} ${outcome}`);
  return [...groups.values()].flatMap((some) => {
    const [first] = some;
    if (!first) return [];
    const duration = some.reduce((total, { durationMs }) => total + durationMs, 0);
    return [{ hour: iso(first.hour), outcome: first.outcome, count: sum(some), duration_ms: duration }];
  });
}

function sum(tallies: readonly AttemptTally[]): number {
  return tallies.reduce((total, { count }) => total + count, 0);
}
