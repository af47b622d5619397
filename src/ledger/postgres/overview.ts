import type { DeliveryState } from "../../model/delivery.ts";
import type { LeadId } from "../../model/id.ts";
import { type LeadState, leadStates } from "../../model/lead.ts";
import type { DeadLetters, DestinationCounts, FormSummary, Ledger } from "../ledger.ts";
import { type ReasonColumns, reasonOf } from "../rows.ts";
import type { Transaction } from "./database.ts";

type Counted = { destination: string; state: DeliveryState; count: number; oldest: LeadId | null };

/** Deliveries of leads, counted by destination and state. None of it reads what is delivered. */
export async function counts(tx: Transaction): Promise<DestinationCounts[]> {
  const rows = await tx.query<Counted>(
    `SELECT destination, 'pending' AS state, COUNT(*) AS count, MIN(lead_id) AS oldest FROM deliveries
       WHERE state = 'pending' AND tries >= 0 AND tag = '' GROUP BY destination
     UNION ALL SELECT destination, 'claimed', COUNT(*), MIN(lead_id) FROM deliveries
       WHERE state = 'claimed' AND tag = '' GROUP BY destination
     UNION ALL SELECT destination, state, COUNT(*), NULL FROM deliveries
       WHERE state IN ('dead', 'withheld', 'cancelled') AND tries >= 0 AND tag = '' GROUP BY state, destination`,
  );
  const arrived = await tx.query<{ destination: string; count: number; last_at: number }>(
    "SELECT destination, SUM(count) AS count, MAX(last_at) AS last_at FROM delivered_counts GROUP BY destination",
  );
  const keptAt = await timesOf(
    tx,
    rows.flatMap(({ oldest }) => oldest ?? []),
  );
  const byDestination = Map.groupBy(rows, ({ destination }) => destination);
  const delivered = new Map(arrived.map((row) => [row.destination, row]));
  const names = new Set([...byDestination.keys(), ...delivered.keys()]);
  return [...names].sort().map((destination) => {
    const counted = byDestination.get(destination) ?? [];
    const waiting = counted.flatMap(({ oldest }) => (oldest === null ? [] : (keptAt.get(oldest) ?? [])));
    const { count = 0, last_at = 0 } = delivered.get(destination) ?? {};
    return {
      destination,
      counts: {
        ...Object.fromEntries(counted.map(({ state, count }) => [state, count])),
        ...(count > 0 ? { delivered: count } : {}),
      },
      oldestWaiting: waiting.length === 0 ? null : Math.min(...waiting),
      lastDeliveredAt: last_at || null,
    };
  });
}

type Cause = ReasonColumns & {
  reason_status: number | null;
  destination: string;
  count: number;
  oldest: LeadId;
  newest: LeadId;
};

/** By cause; `oldest` and `newest` say when the leads were kept. */
export async function deadLetters(tx: Transaction): Promise<DeadLetters[]> {
  const causes = await tx.query<Cause>(
    `SELECT destination, reason_code, reason_message, reason_status, COUNT(*) AS count, MIN(lead_id) AS oldest,
       MAX(lead_id) AS newest
     FROM deliveries WHERE state = 'dead' AND tries >= 0 GROUP BY destination, reason_code, reason_message, reason_status`,
  );
  const keptAt = await timesOf(
    tx,
    causes.flatMap(({ oldest, newest }) => [oldest, newest]),
  );
  return causes.map((row) => ({
    destination: row.destination,
    reason: reasonOf(row, row.reason_status) ?? { code: "unknown", message: "unknown" },
    count: row.count,
    oldest: keptAt.get(row.oldest) ?? 0,
    newest: keptAt.get(row.newest) ?? 0,
  }));
}

export async function leadCounts(tx: Transaction): Promise<Record<LeadState, number>> {
  const rows = await tx.query<{ state: LeadState; count: number }>(
    "SELECT state, SUM(count) AS count FROM lead_counts GROUP BY state",
  );
  const found = new Map(rows.map(({ state, count }) => [state, count]));
  return Object.fromEntries(leadStates.map((state) => [state, found.get(state) ?? 0])) as Record<LeadState, number>;
}

export function forms(tx: Transaction): Promise<FormSummary[]> {
  return tx.query(
    `SELECT form, SUM(count) AS leads, MAX(last_at) AS "lastLeadAt" FROM lead_counts GROUP BY form
     HAVING SUM(count) > 0 ORDER BY form`,
  );
}

export function backlog(tx: Transaction): ReturnType<Ledger["backlog"]> {
  return tx.query(
    `SELECT destination, 'pending' AS state, COUNT(*) AS count FROM deliveries
       WHERE state = 'pending' AND tries >= 0 GROUP BY destination
     UNION ALL SELECT destination, 'claimed', COUNT(*) FROM deliveries WHERE state = 'claimed' GROUP BY destination
     UNION ALL SELECT destination, state, COUNT(*) FROM deliveries
       WHERE state IN ('dead', 'withheld', 'cancelled') AND tries >= 0 GROUP BY state, destination`,
  );
}

/** When leads were kept. */
async function timesOf(tx: Transaction, ids: readonly LeadId[]): Promise<Map<LeadId, number>> {
  const rows = await tx.query<{ id: LeadId; received_at: number }>(
    "SELECT id, received_at FROM leads WHERE id = ANY($1)",
    [ids],
  );
  return new Map(rows.map(({ id, received_at }) => [id, received_at]));
}
