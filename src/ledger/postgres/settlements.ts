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

/** What is noted of an attempt that has ended, beside the rows of it and its delivery. */
type Ended = { row: Pick<Held, "lead_id" | "destination" | "tag" | "person" | "started_at">; settlement: Settlement };

/** An attempt as it ended, with what that made of its delivery. */
type Moved = { row: Held; settlement: Settlement; next: DeliveryRow & { retry: 0 | 1 } };

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
  // Of two settlements of one attempt the first one counts.
  const wanted = new Map<string, Settlement>();
  for (const one of settlements) {
    const place = placeOf(one);
    if (!wanted.has(place)) wanted.set(place, one);
  }
  const ended = settlements.every(isDelivered) ? await deliver(tx, wanted) : await move(tx, [...wanted.values()]);
  if (ended.length > 0) {
    note(tx, ended, interests);
    await engine.ended(
      tx,
      ended.map(({ settlement }) => settlement),
    );
  }
  const written = new Set(ended.map(({ settlement }) => settlement));
  return settlements.map((one) => written.has(one));
}

function isDelivered({ outcome, next }: Settlement): boolean {
  return outcome.type === "delivered" && next.state === "delivered";
}

/** Written so that the index on who is under way, which has all of a destination's, is not taken for a way to find one. */
const attemptUnderWay = "CASE WHEN deliveries.state = 'claimed' THEN deliveries.attempts END";

/** Finds each of its rows by their keys. */
export const deliverAll = `WITH moved AS (
   UPDATE deliveries SET state = 'delivered', retry = 0, due_at = NULL, uncertain = false, progress = NULL,
     reason_code = NULL, reason_message = NULL, reason_status = NULL, ref = COALESCE(arrived.ref, deliveries.ref),
     warnings = arrived.warnings, lease_until = NULL, worker = NULL
   FROM unnest($1::text[], $2::text[], $3::text[], $4::integer[], $5::bigint[], $6::integer[], $7::text[], $8::text[])
     AS arrived (lead_id, destination, tag, n, duration_ms, status, ref, warnings)
   WHERE deliveries.lead_id = arrived.lead_id AND deliveries.destination = arrived.destination
     AND deliveries.tag = arrived.tag AND ${attemptUnderWay} = arrived.n
   RETURNING arrived.lead_id, arrived.destination, arrived.tag, arrived.n, arrived.duration_ms, arrived.status,
     deliveries.person)
 UPDATE attempts SET duration_ms = moved.duration_ms, outcome = 'delivered', status = moved.status
 FROM moved
 WHERE attempts.lead_id = moved.lead_id AND attempts.destination = moved.destination AND attempts.tag = moved.tag
   AND attempts.n = moved.n
 RETURNING moved.lead_id, moved.destination, moved.tag, moved.n, moved.person, attempts.started_at`;
/** What nearly all come to, in one statement: whatever the delivery has been before, it is delivered now. */
async function deliver(tx: Transaction, settlements: ReadonlyMap<string, Settlement>): Promise<Ended[]> {
  // In the order in which everybody locks them.
  const arrived = [...settlements]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([, settlement]) => ({ ...keyOf(settlement.deliveryId), settlement }));
  const rows = await tx.query<Ended["row"] & { n: number }>(
    deliverAll,
    columnsOf(
      arrived,
      ({ leadId }) => leadId,
      ({ destination }) => destination,
      ({ tag }) => tag,
      ({ settlement }) => settlement.n,
      ({ settlement }) => settlement.durationMs,
      ({ settlement: { outcome } }) => (outcome.type === "delivered" ? outcome.status : null) ?? null,
      ({ settlement: { next } }) => (next.state === "delivered" ? next.ref : null),
      ({ settlement: { next } }) => warningsOf(next),
    ),
  );
  return rows.flatMap((row) => {
    const settlement = settlements.get(`${row.lead_id} ${row.destination} ${row.tag} ${row.n}`);
    return settlement ? [{ row, settlement }] : [];
  });
}

/** Whatever they come to: what becomes of a delivery may depend on what it was. */
async function move(tx: Transaction, settlements: readonly Settlement[]): Promise<Ended[]> {
  const held = await hold(
    tx,
    settlements,
    settlements.some(({ next }) => next.state !== "delivered"),
  );
  const moved = settlements.flatMap((settlement): Moved[] => {
    const row = held.get(placeOf(settlement));
    return row ? [{ row, settlement, next: nextRow(row, settlement) }] : [];
  });
  if (moved.length > 0) {
    moveOn(tx, moved);
    complete(tx, moved);
  }
  return moved;
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
       AND deliveries.tag = wanted.tag AND ${attemptUnderWay} = wanted.n
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
function nextRow(row: Held, { outcome, next }: Settlement): Moved["next"] {
  const moved = { ...row, due_at: null, retry: 0 as const };
  if (next.state === "delivered") {
    return {
      ...moved,
      state: "delivered",
      uncertain: false,
      progress: null,
      ref: next.ref ?? row.ref,
      warnings: warningsOf(next),
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

function warningsOf(next: Settlement["next"]): string | null {
  return next.state === "delivered" && next.warnings.length > 0 ? JSON.stringify(next.warnings) : null;
}

/** What else follows from attempts that have ended. */
function note(tx: Transaction, ended: readonly Ended[], interests: InterestsNoted): void {
  const ofLeads = ended.filter(({ row }) => row.tag === "");
  const delivered = ended.filter(({ settlement }) => settlement.next.state === "delivered");
  const arrivals = delivered.flatMap(({ row: { tag, person, lead_id: leadId, destination, started_at: startedAt } }) =>
    tag === "" && person !== null ? [{ person, leadId, destination, startedAt }] : [],
  );
  supersede(tx, arrivals);
  interests.delivered(tx, arrivals);
  for (const { row } of delivered) {
    if (eventOfTag(row.tag) !== "lead.erased") continue;
    tx.send("UPDATE deliveries SET progress = NULL WHERE lead_id = $1 AND destination = $2", [
      row.lead_id,
      row.destination,
    ]);
  }
  interests.changed(tx, [...new Set(ofLeads.map(({ row }) => row.lead_id))]);
  for (const one of ofLeads) tally(tx, one);
}

function moveOn(tx: Transaction, ended: readonly Moved[]): void {
  tx.send(
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

function complete(tx: Transaction, ended: readonly Moved[]): void {
  const reasonOf = ({ settlement: { outcome } }: Moved) => ("reason" in outcome ? outcome.reason : null);
  tx.send(
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
function supersede(
  tx: Transaction,
  arrivals: readonly { person: string; leadId: LeadId; destination: string }[],
): void {
  if (arrivals.length === 0) return;
  const columns = columnsOf(
    arrivals,
    ({ destination }) => destination,
    ({ person }) => person,
    ({ leadId }) => leadId,
  );
  for (const update of [supersedeRetrying, supersedeStopped]) {
    tx.send(update, columns);
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
