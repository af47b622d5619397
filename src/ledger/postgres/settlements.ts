import { eventOfTag, type LeadId, parseDeliveryId } from "../../model/id.ts";
import type { Json } from "../../model/json.ts";
import type { LeadState } from "../../model/lead.ts";
import type { AttemptRef, Settlement } from "../ledger.ts";
import type { DeliveryRow } from "../rows.ts";
import { hourOf, waitOf } from "../tally-keys.ts";
import { columnsOf } from "./columns.ts";
import type { Transaction } from "./database.ts";
import type { Engine } from "./engine.ts";
import type { InterestsNoted } from "./interests.ts";

/** A delivery whose attempt is the latest one and under way, locked. */
export type Held = DeliveryRow & { lead_state: LeadState; started_at: number };

/** An attempt as it ended: what it came to, and what that made of its delivery. */
type Ended = { row: Held; settlement: Settlement; next: DeliveryRow & { retry: 0 | 1 } };

/**
 * Completes attempts and moves their deliveries on, many in one transaction. False for those that had lost their lease: by
 * number and state, whoever was away for too long finds nothing to write to.
 */
export async function settleAll(
  tx: Transaction,
  settlements: readonly Settlement[],
  interests: InterestsNoted,
  engine: Pick<Engine, "ended">,
): Promise<boolean[]> {
  const held = await hold(
    tx,
    settlements,
    settlements.some(({ next }) => next.state !== "delivered"),
  );
  const ended: Ended[] = [];
  const results = settlements.map((settlement) => {
    const row = held.get(placeOf(settlement));
    // Of two settlements of one attempt the first one counts.
    held.delete(placeOf(settlement));
    if (row) ended.push({ row, settlement, next: nextRow(row, settlement) });
    return row !== undefined;
  });
  if (ended.length > 0) {
    await write(tx, ended, interests);
    await engine.ended(
      tx,
      ended.map(({ settlement }) => settlement),
    );
  }
  return results;
}

/**
 * Locks the deliveries of attempts that are still under way. `withLeads`: their leads are kept from being erased meanwhile, for
 * what is put off must not outlive its lead. `skipLocked`: those being settled just now are left out.
 */
export async function hold(
  tx: Transaction,
  attempts: readonly AttemptRef[],
  withLeads: boolean,
  skipLocked = false,
): Promise<Map<string, Held>> {
  const wanted = attempts.map(({ deliveryId, n }) => ({ ...keyOf(deliveryId), n }));
  // Leads before deliveries, in the order of ids, as everywhere.
  if (withLeads) {
    await tx.query("SELECT 1 FROM leads WHERE id = ANY($1) ORDER BY id FOR SHARE", [
      wanted.map(({ leadId }) => leadId),
    ]);
  }
  const rows = await tx.query<Held>(
    `SELECT deliveries.*, leads.state AS lead_state, attempts.started_at
     FROM unnest($1::text[], $2::text[], $3::text[], $4::integer[]) AS wanted (lead_id, destination, tag, n)
     JOIN deliveries ON deliveries.lead_id = wanted.lead_id AND deliveries.destination = wanted.destination
       AND deliveries.tag = wanted.tag AND deliveries.state = 'claimed' AND deliveries.attempts = wanted.n
     JOIN attempts ON attempts.lead_id = wanted.lead_id AND attempts.destination = wanted.destination
       AND attempts.tag = wanted.tag AND attempts.n = wanted.n
     JOIN leads ON leads.id = wanted.lead_id
     ORDER BY deliveries.lead_id, deliveries.destination, deliveries.tag
     FOR UPDATE OF deliveries ${skipLocked ? "SKIP LOCKED" : ""}`,
    columnsOf(
      wanted,
      ({ leadId }) => leadId,
      ({ destination }) => destination,
      ({ tag }) => tag,
      ({ n }) => n,
    ),
  );
  return new Map(rows.map((row) => [`${row.lead_id} ${row.destination} ${row.tag} ${row.attempts}`, row]));
}

export async function saveProgress(tx: Transaction, { deliveryId, n }: AttemptRef, progress: Json): Promise<boolean> {
  const { leadId, destination, tag } = keyOf(deliveryId);
  const changed = await tx.change(
    `UPDATE deliveries SET progress = $5
     WHERE lead_id = $1 AND destination = $2 AND tag = $3 AND state = 'claimed' AND attempts = $4`,
    [leadId, destination, tag, n, JSON.stringify(progress)],
  );
  return changed === 1;
}

/** Pure: what an outcome makes of a delivery. */
function nextRow(row: Held, { outcome, next }: Settlement): Ended["next"] {
  const moved = { ...row, due_at: null, retry: 0 as const };
  if (next.state === "delivered") {
    return {
      ...moved,
      state: "delivered",
      uncertain: false,
      progress: null,
      ref: next.ref ?? row.ref,
      warnings: next.warnings.length > 0 ? JSON.stringify(next.warnings) : null,
      reason_code: null,
      reason_message: null,
      reason_status: null,
    };
  }
  // Remembered for a replay, which has to ask the destination first.
  const uncertain =
    Boolean(row.uncertain) || outcome.type === "uncertain" || (next.state === "pending" && next.uncertain);
  const { tries, reason } = next;
  // A lead that was erased while it was under way is not tried again: its attempt was the last.
  if (row.tag === "" && row.lead_state === "erased") {
    const erased = { reason_code: "erased", reason_message: "the person was erased", reason_status: null };
    return { ...moved, ...erased, state: "cancelled", tries, uncertain };
  }
  const because = { reason_code: reason.code, reason_message: reason.message, reason_status: reason.status ?? null };
  if (next.state === "dead") return { ...moved, ...because, state: "dead", tries, uncertain };
  return {
    ...moved,
    ...because,
    state: "pending",
    retry: 1,
    due_at: next.dueAt,
    tries,
    uncertain: next.uncertain,
    first_try_at: tries === 0 ? null : row.first_try_at,
  };
}

async function write(tx: Transaction, ended: readonly Ended[], interests: InterestsNoted): Promise<void> {
  await moveOn(tx, ended);
  await complete(tx, ended);
  const ofLeads = ended.filter(({ row }) => row.tag === "");
  const arrivals = ofLeads.flatMap(({ row, next }) =>
    next.state === "delivered" && row.person !== null
      ? [{ person: row.person, leadId: row.lead_id, destination: row.destination, startedAt: row.started_at }]
      : [],
  );
  await supersede(tx, arrivals);
  await interests.delivered(tx, arrivals);
  const erasures = ended.filter(({ row, next }) => next.state === "delivered" && eventOfTag(row.tag) === "lead.erased");
  for (const { row } of erasures) {
    await tx.query("UPDATE deliveries SET progress = NULL WHERE lead_id = $1 AND destination = $2", [
      row.lead_id,
      row.destination,
    ]);
  }
  await interests.changed(tx, [...new Set(ofLeads.map(({ row }) => row.lead_id))]);
  for (const one of ofLeads) tally(tx, one);
}

async function moveOn(tx: Transaction, ended: readonly Ended[]): Promise<void> {
  await tx.query(
    `UPDATE deliveries SET state = moved.state, retry = moved.retry, due_at = moved.due_at, tries = moved.tries,
       first_try_at = moved.first_try_at, uncertain = moved.uncertain, progress = moved.progress,
       reason_code = moved.reason_code, reason_message = moved.reason_message, reason_status = moved.reason_status,
       ref = moved.ref, warnings = moved.warnings, lease_until = NULL, worker = NULL
     FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::smallint[], $6::bigint[], $7::integer[], $8::bigint[],
       $9::boolean[], $10::text[], $11::text[], $12::text[], $13::integer[], $14::text[], $15::text[])
       AS moved (lead_id, destination, tag, state, retry, due_at, tries, first_try_at, uncertain, progress, reason_code,
         reason_message, reason_status, ref, warnings)
     WHERE deliveries.lead_id = moved.lead_id AND deliveries.destination = moved.destination
       AND deliveries.tag = moved.tag`,
    columnsOf(
      ended.map(({ next }) => next),
      (next) => next.lead_id,
      (next) => next.destination,
      (next) => next.tag,
      (next) => next.state,
      (next) => next.retry,
      (next) => next.due_at,
      (next) => next.tries,
      (next) => next.first_try_at,
      (next) => next.uncertain,
      (next) => next.progress,
      (next) => next.reason_code,
      (next) => next.reason_message,
      (next) => next.reason_status,
      (next) => next.ref,
      (next) => next.warnings,
    ),
  );
}

async function complete(tx: Transaction, ended: readonly Ended[]): Promise<void> {
  const reasonOf = ({ settlement: { outcome } }: Ended) => ("reason" in outcome ? outcome.reason : null);
  await tx.query(
    `UPDATE attempts SET duration_ms = done.duration_ms, outcome = done.outcome, reason_code = done.code,
       reason_message = done.message, status = done.status
     FROM unnest($1::text[], $2::text[], $3::text[], $4::integer[], $5::bigint[], $6::text[], $7::text[], $8::text[],
       $9::integer[]) AS done (lead_id, destination, tag, n, duration_ms, outcome, code, message, status)
     WHERE attempts.lead_id = done.lead_id AND attempts.destination = done.destination AND attempts.tag = done.tag
       AND attempts.n = done.n`,
    columnsOf(
      ended,
      ({ row }) => row.lead_id,
      ({ row }) => row.destination,
      ({ row }) => row.tag,
      ({ row }) => row.attempts,
      ({ settlement }) => settlement.durationMs,
      ({ settlement }) => settlement.outcome.type,
      (one) => reasonOf(one)?.code ?? null,
      (one) => reasonOf(one)?.message ?? null,
      ({ settlement: { outcome } }) => ("reason" in outcome ? outcome.reason.status : outcome.status) ?? null,
    ),
  );
}

export const supersedeRetrying = supersedeWhere("state = 'pending' AND retry = 1");
export const supersedeStopped = supersedeWhere("state IN ('dead', 'withheld', 'cancelled')");
/** What the destination still lacks of older leads of these people must not overwrite the newer values there. */
async function supersede(
  tx: Transaction,
  arrivals: readonly { person: string; leadId: LeadId; destination: string }[],
): Promise<void> {
  if (arrivals.length === 0) return;
  const columns = columnsOf(
    arrivals,
    ({ destination }) => destination,
    ({ person }) => person,
    ({ leadId }) => leadId,
  );
  for (const update of [supersedeRetrying, supersedeStopped]) {
    await tx.query(update, columns);
  }
}

/** From each arrival to its older leads, never the other way round: OFFSET 0 keeps the planner from turning it. */
function supersedeWhere(lacking: string): string {
  return `UPDATE deliveries SET superseded = true
    FROM unnest($1::text[], $2::text[], $3::text[]) AS arrived (destination, person, lead_id)
    CROSS JOIN LATERAL (
      SELECT lead_id, destination FROM deliveries
      WHERE ${lacking} AND attempts >= 0 AND destination = arrived.destination AND person = arrived.person
        AND lead_id < arrived.lead_id AND tag = '' AND NOT superseded OFFSET 0) AS older
    WHERE deliveries.lead_id = older.lead_id AND deliveries.destination = older.destination AND deliveries.tag = ''`;
}

function tally({ sums }: Transaction, { row, settlement: { outcome, durationMs } }: Ended): void {
  const { lead_id, destination } = row;
  const at = row.started_at + durationMs;
  const arrived = outcome.type === "delivered";
  const wait = arrived ? waitOf(lead_id, at) : 0;
  const hour = hourOf(at);
  sums.add("attempt_tallies", { hour, destination, outcome: outcome.type, wait, count: 1, duration_ms: durationMs });
  if (arrived) sums.add("delivered_counts", { destination, count: 1, last_at: at });
}

function placeOf({ deliveryId, n }: AttemptRef): string {
  const { leadId, destination, tag } = keyOf(deliveryId);
  return `${leadId} ${destination} ${tag} ${n}`;
}

/** @throws {RangeError} */
function keyOf(deliveryId: AttemptRef["deliveryId"]) {
  const key = parseDeliveryId(deliveryId);
  if (!key) throw new RangeError(`not a delivery id: ${deliveryId}`);
  return key;
}
