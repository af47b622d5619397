import { PgBoss } from "pg-boss";
import { LedgerUnavailable, MigrationFailed } from "../../model/errors.ts";
import { deliveryIdOf, parseDeliveryId } from "../../model/id.ts";
import { isDue } from "../due.ts";
import type { Backend } from "../engines.ts";
import type { AttemptRef, ClaimRequest } from "../ledger.ts";
import type { DeliveryRow } from "../rows.ts";
import { peopleUnderWay } from "./claims.ts";
import { columnsOf } from "./columns.ts";
import type { Database, Transaction } from "./database.ts";
import { type Candidates, type Due, type Engine, inOrder } from "./engine.ts";
import { jobIdOf } from "./engine-jobs.ts";
import { bossDb, pump } from "./engine-pump.ts";

/** Another machine's new leads are issued at least this often, also while older ones wait in the queue. */
const pumpMs = 1_000;
/** How often one claim issues and looks again when nothing it looked at could be leased. */
const mostRounds = 5;
const superviseSeconds = 5;
/** Of machines that start on an empty database at the same moment one makes the tables, and the others may stumble over it. */
const startTries = 3;
/** The code of pg-boss's error for a queue that somebody has deleted. */
const noQueue = "PGBOSS_QUEUE_NOT_FOUND";

/**
 * What is known of one destination's queue. `short`: the last claim found fewer than it could have taken. `seen`: how many of this
 * process's commits had been made when it was last filled, and `pumpedAt` when that was.
 */
type Queue = { there: Promise<void>; short: boolean; seen: number; pumpedAt: number };

/**
 * pg-boss carries what is due between machines: one queue per destination, a job per attempt, made when the attempt is due and deleted
 * with its settlement. A job holds the delivery's id and nothing else. It is fetched in the transaction that leases the delivery, so
 * there is no moment at which the one is done and the other not.
 * @throws {LedgerUnavailable}, {MigrationFailed}
 */
export async function startPgBoss(db: Database, backend: Backend): Promise<Engine> {
  const schema = `${db.schema}_jobs`;
  const boss = new PgBoss({
    db: { executeSql: (text, values) => db.runAsIs(text, values) },
    schema,
    backend,
    superviseIntervalSeconds: superviseSeconds,
    monitorIntervalSeconds: superviseSeconds,
    schedule: false,
    registerInstance: false,
    reindex: false,
    openTelemetry: { enabled: false },
  });
  // What it does on its own it tries again by itself; what is asked of it rejects.
  boss.on("error", () => {});
  try {
    await boss.start({ attempts: startTries });
    const names = (await boss.getQueues()).map(({ name }) => name);
    return engineOn(db, boss, `${schema}.job`, names);
  } catch (cause) {
    await stop(boss);
    if (cause instanceof LedgerUnavailable) throw cause;
    throw new MigrationFailed(`The tables of pg-boss at ${db.place} (schema "${schema}") could not be made ready.`, {
      cause,
    });
  }
}

/** Its connections are ours to close. */
function stop(boss: PgBoss): Promise<void> {
  return boss.stop({ graceful: false, close: false });
}

function engineOn(db: Database, boss: PgBoss, jobTable: string, there: readonly string[]): Engine {
  const queues = new Map(there.map((name) => [name, newQueue(Promise.resolve())]));
  let commits = 0;

  /** Made when it is asked for the first time. */
  async function queueOf(destination: string): Promise<Queue> {
    const queue = queues.get(destination) ?? newQueue(boss.createQueue(destination));
    queues.set(destination, queue);
    await queue.there.catch((error) => {
      queues.delete(destination);
      throw error;
    });
    return queue;
  }

  async function issue(queue: Queue, request: ClaimRequest): Promise<number> {
    queue.seen = commits;
    queue.pumpedAt = performance.now();
    try {
      return await db.write((tx) => pump(tx, boss, jobTable, request));
    } catch (error) {
      // Somebody may have deleted it: the next claim makes it anew.
      queues.delete(request.destination);
      throw error;
    }
  }

  return {
    woken: () => {
      commits += 1;
    },
    async claim(request, lease) {
      if (request.limit === 0) return [];
      const queue = await queueOf(request.destination);
      const isStale = queue.short || queue.seen < commits || performance.now() - queue.pumpedAt > pumpMs;
      if (isStale) await issue(queue, request);
      for (let round = 1; ; round++) {
        const claims = await lease((tx) => candidatesIn(tx, boss, request));
        queue.short = claims.length < request.limit;
        if (claims.length > 0 || round === mostRounds) return claims;
        if ((await issue(queue, request)) === 0) return [];
      }
    },
    async ended(tx, attempts) {
      const jobs = Map.groupBy(attempts, ({ deliveryId }) => parseDeliveryId(deliveryId)?.destination ?? "");
      for (const [destination, some] of jobs) {
        // One nobody here has claimed from: its jobs are found to be of no use when they are fetched again.
        if (!queues.has(destination)) continue;
        await deleteJobs(tx, boss, destination, some.map(jobIdOf));
      }
    },
    close: () => stop(boss),
  };
}

function newQueue(there: Promise<void>): Queue {
  return { there, short: true, seen: 0, pumpedAt: Number.NEGATIVE_INFINITY };
}

/** Fetched jobs of which nothing can be leased just now are deleted: their deliveries are issued again when they are due. */
function candidatesIn(tx: Transaction, boss: PgBoss, request: ClaimRequest): Candidates {
  const { destination, limit } = request;
  const fetched = new Set<string>();
  let underWay: ReadonlySet<string> | null = null;
  return {
    async next(busy) {
      underWay ??= new Set(await peopleUnderWay(tx, destination));
      for (;;) {
        const options = { batchSize: limit, ignoreStartAfter: true, db: bossDb(tx) };
        const jobs = await boss.fetch<{ delivery?: unknown } | null>(destination, options);
        if (jobs.length === 0) return [];
        for (const { id } of jobs) fetched.add(id);
        // Others may put something of theirs into the queue.
        const keys = jobs.flatMap(({ data }) => parseDeliveryId(String(data?.delivery)) ?? []);
        const rows = await tx.query<Due>(locked, [
          destination,
          ...columnsOf(
            keys,
            ({ leadId }) => leadId,
            ({ tag }) => tag,
          ),
        ]);
        const due = rows.filter(
          (row) =>
            isDue({ retry: row.retry, dueAt: Number(row.due_at) }, request) &&
            !busy.has(row.person ?? "") &&
            !underWay?.has(row.person ?? "") &&
            fetched.has(jobIdOf(attemptOf(row, destination))),
        );
        if (due.length > 0) return due.sort(inOrder);
      }
    },
    async end(leased) {
      for (const row of leased) fetched.delete(jobIdOf(attemptOf(row, destination)));
      if (fetched.size > 0) await deleteJobs(tx, boss, destination, [...fetched]);
    },
  };
}

/** The attempt a pending delivery waits for. */
function attemptOf({ lead_id, tag, attempts }: DeliveryRow, destination: string): AttemptRef {
  return { deliveryId: deliveryIdOf(lead_id, destination, tag), n: attempts + 1 };
}

async function deleteJobs(tx: Transaction, boss: PgBoss, queue: string, ids: string[]): Promise<void> {
  await boss.deleteJob(queue, ids, { db: bossDb(tx) }).catch((error: unknown) => {
    if (!(error instanceof Error && "code" in error && error.code === noQueue)) throw error;
  });
}

/** By the primary key: what else the statement asked for might lead to another index. */
export const locked = `WITH found AS MATERIALIZED (
    SELECT deliveries.* FROM unnest($2::text[], $3::text[]) AS wanted (lead_id, tag)
    JOIN deliveries ON deliveries.lead_id = wanted.lead_id AND deliveries.destination = $1 AND deliveries.tag = wanted.tag
    WHERE deliveries.state = 'pending' FOR UPDATE OF deliveries SKIP LOCKED)
  SELECT found.*, leads.form, leads.received_at, leads.document, leads.state AS lead_state
  FROM found JOIN leads ON leads.id = found.lead_id`;
