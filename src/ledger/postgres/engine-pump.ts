import type { Db, PgBoss } from "pg-boss";
import { deliveryIdOf } from "../../model/id.ts";
import { endOfTime, latestWait } from "../due.ts";
import type { ClaimRequest } from "../ledger.ts";
import type { DeliveryRow } from "../rows.ts";
import { peopleUnderWay } from "./claims.ts";
import type { Transaction } from "./database.ts";
import { jobIdOf, priorityOf } from "./engine-jobs.ts";

/** What the first of the new ones, and of the retries, amount to at least: so many have a job. */
const smallestFront = 256;
/** pg-boss ends a job no sooner than after so many leases, should it ever be forgotten; then it may be fetched again. */
const leasesToExpire = 2;
/** pg-boss deletes what has waited for longer; then it is issued again. */
const retentionSeconds = 5 * 365 * 86_400;
const mostRetries = 1_000_000;

type Front = Pick<DeliveryRow, "lead_id" | "tag" | "attempts" | "person"> & { due_at: number; retry: 0 | 1 };

/**
 * Sees to it that the first deliveries in the order of claims have a job that can be fetched, one for each person: those that have
 * none, and those whose job was ended or cancelled by others, are issued. What is not due yet, and what is further behind, stays in the
 * ledger alone. Resolves to how many jobs there are more.
 */
export async function pump(tx: Transaction, boss: PgBoss, jobTable: string, request: ClaimRequest): Promise<number> {
  const { destination, limit, now, leaseUntil } = request;
  const size = Math.max(smallestFront, limit);
  const busy = await peopleUnderWay(tx, destination);
  const front = [
    ...(await tx.query<Front>(first[0], [destination, endOfTime, busy, size])),
    ...(await tx.query<Front>(first[1], [destination, now, busy, size])),
  ];
  // Rare, and so looked for only when there is nothing else to do.
  const latest = latestWait(request);
  if (front.length === 0 && latest < endOfTime)
    front.push(...(await tx.query<Front>(late, [destination, latest, busy, size])));
  const wanted = new Map(
    oneOfEach(front).map((row) => {
      const deliveryId = deliveryIdOf(row.lead_id, destination, row.tag);
      return [jobIdOf({ deliveryId, n: row.attempts + 1 }), { deliveryId, row }];
    }),
  );
  if (wanted.size === 0) return 0;
  const there = await tx.query<{ id: string; over: boolean }>(
    `SELECT id, state > 'active' AS over FROM ${jobTable} WHERE name = $1 AND id = ANY($2::uuid[])`,
    [destination, [...wanted.keys()]],
  );
  for (const { id, over } of there) if (!over) wanted.delete(id);
  if (wanted.size === 0) return 0;
  const db = bossDb(tx);
  const over = there.flatMap((job) => (job.over ? job.id : []));
  if (over.length > 0) await boss.deleteJob(destination, over, { db });
  await boss.insert(
    destination,
    [...wanted].map(([id, { deliveryId, row }]) => ({
      id,
      data: { delivery: deliveryId },
      priority: priorityOf(row.retry, row.due_at),
      retryLimit: mostRetries,
      retentionSeconds,
      expireInSeconds: Math.ceil((leasesToExpire * (leaseUntil - now)) / 1000),
    })),
    { db },
  );
  return wanted.size;
}

/** Of a person only the first one: the others may not go before that is settled. */
function oneOfEach(front: readonly Front[]): Front[] {
  const people = new Set<string>();
  return front.filter(({ person }) => {
    const isNext = person === null || !people.has(person);
    if (person !== null) people.add(person);
    return isNext;
  });
}

/** Lets pg-boss write through our transaction. */
export function bossDb(tx: Transaction): Db {
  return { executeSql: async (text, values) => ({ rows: await tx.query(text, values ?? []) }) };
}

const firstOf = (retry: 0 | 1, time = "<= $2") =>
  `SELECT lead_id, tag, attempts, person, due_at, retry FROM deliveries
   WHERE state = 'pending' AND destination = $1 AND retry = ${retry} AND due_at ${time}
     AND (person IS NULL OR person <> ALL ($3::text[]))
   ORDER BY due_at, lead_id, tag LIMIT $4`;
export const first = { 0: firstOf(0), 1: firstOf(1) } as const;
export const late = firstOf(1, "> $2");
