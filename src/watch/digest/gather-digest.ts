import {
  type AttemptTally,
  type DeadLetters,
  type DestinationCounts,
  type LeadTally,
  type Ledger,
  type Pause,
  waitBounds,
} from "../../ledger/ledger.ts";

/** A period to tell of, by epoch milliseconds. Tallies know hours: what begins or ends within one counts from its start. */
export type DigestRequest = {
  since: number;
  until: number;
  /** The configured destinations, in their order. */
  destinations: readonly { id: string; label: string }[];
};

/** How many leads came, and how many had come in the period before, which was as long. */
export type Compared = { count: number; before: number };

/** How leads fared at a destination. */
export type DestinationFigures = {
  id: string;
  label: string;
  /** Arrived in the period. */
  delivered: number;
  /** Wait for it, or are not tried again, at the end. */
  owed: number;
  /** The bound of `waitBounds` within which half, and 95 %, of those had arrived after they were kept; null beyond the last, or when none did. */
  medianMs: number | null;
  slowMs: number | null;
};

/** What a weekly digest is made from. Holds no personal data. */
export type DigestFigures = {
  since: number;
  until: number;
  leads: Compared;
  /** The most first. `name` of a source: `utm_source`, "" when there was none. */
  byForm: readonly (Compared & { name: string })[];
  bySource: readonly (Compared & { name: string })[];
  destinations: readonly DestinationFigures[];
  /** What a person has to see to. `label`: the destination's, its id when it is not configured any more. */
  pauses: readonly (Pick<Pause, "destination" | "since" | "by" | "reason"> & { label: string; waiting: number })[];
  deadLetters: readonly (Pick<DeadLetters, "destination" | "reason" | "count"> & { label: string })[];
  /** Destinations that leads wait for although they are not configured any more. */
  orphans: readonly { destination: string; waiting: number }[];
  quarantined: number;
};

const hourMs = 3_600_000;

type DigestLedger = Pick<Ledger, "leadTallies" | "attemptTallies" | "counts" | "deadLetters" | "leadCounts" | "pauses">;

/** Gathers a period's figures from what the ledger counts anyhow; no lead is read. */
export async function gatherDigest(ledger: DigestLedger, request: DigestRequest): Promise<DigestFigures> {
  const { destinations } = request;
  const [since, until] = [hourOf(request.since), hourOf(request.until)];
  const begin = since - (until - since);
  const [leads, attempts, counts, deadLetters, { quarantined }, pauses] = await Promise.all([
    ledger.leadTallies(begin),
    ledger.attemptTallies(since),
    ledger.counts(),
    ledger.deadLetters(),
    ledger.leadCounts(),
    ledger.pauses(),
  ]);
  const isIn = ({ hour }: { hour: number }) => hour >= since && hour < until;
  const period = leads.filter(isIn);
  const before = leads.filter(({ hour }) => hour >= begin && hour < since);
  const labels = new Map(destinations.map(({ id, label }) => [id, label]));
  const labelOf = (id: string) => labels.get(id) ?? id;
  const waiting = (id: string) => waitingAt(counts.find(({ destination }) => destination === id));
  return {
    since,
    until,
    leads: { count: sum(period), before: sum(before) },
    byForm: compared(period, before, "form"),
    bySource: compared(period, before, "source"),
    destinations: destinations.map(({ id, label }) => ({
      id,
      label,
      ...arrivals(attempts.filter((one) => one.destination === id && isIn(one))),
      owed: waiting(id) + (counts.find(({ destination }) => destination === id)?.counts.dead ?? 0),
    })),
    pauses: pauses.map((pause) => ({
      ...pause,
      label: labelOf(pause.destination),
      waiting: waiting(pause.destination),
    })),
    deadLetters: deadLetters.map((letters) => ({ ...letters, label: labelOf(letters.destination) })),
    orphans: counts
      .filter((one) => !labels.has(one.destination) && waitingAt(one) > 0)
      .map((one) => ({ destination: one.destination, waiting: waitingAt(one) })),
    quarantined,
  };
}

function compared(
  period: readonly LeadTally[],
  before: readonly LeadTally[],
  by: "form" | "source",
): DigestFigures["byForm"] {
  const [now, then] = [totals(period, by), totals(before, by)];
  return [...new Set([...now.keys(), ...then.keys()])]
    .map((name) => ({ name, count: now.get(name) ?? 0, before: then.get(name) ?? 0 }))
    .sort((one, other) => other.count - one.count || other.before - one.before);
}

function totals(tallies: readonly LeadTally[], by: "form" | "source"): Map<string, number> {
  const result = new Map<string, number>();
  for (const tally of tallies) result.set(tally[by], (result.get(tally[by]) ?? 0) + tally.count);
  return result;
}

function arrivals(attempts: readonly AttemptTally[]): Pick<DestinationFigures, "delivered" | "medianMs" | "slowMs"> {
  const arrived = attempts.filter(({ outcome }) => outcome === "delivered");
  return { delivered: sum(arrived), medianMs: waitOf(0.5, arrived), slowMs: waitOf(0.95, arrived) };
}

/** The bound within which this share had arrived. */
function waitOf(share: number, arrived: readonly AttemptTally[]): number | null {
  const wanted = share * sum(arrived);
  if (wanted === 0) return null;
  return (
    waitBounds.find((bound) => sum(arrived.filter(({ wait }) => wait !== null && wait <= bound)) >= wanted) ?? null
  );
}

/** So each hour is told of once, and only when it is over, whatever the minute digests are sent at. */
function hourOf(at: number): number {
  return Math.floor(at / hourMs) * hourMs;
}

function waitingAt(counted: DestinationCounts | undefined): number {
  return (counted?.counts.pending ?? 0) + (counted?.counts.claimed ?? 0);
}

function sum(tallies: readonly { count: number }[]): number {
  return tallies.reduce((total, { count }) => total + count, 0);
}
