import type { DatabaseSync } from "node:sqlite";
import type { LawfulBasis } from "../../model/consent.ts";
import { eventOfTag, type LeadId, parseDeliveryId } from "../../model/id.ts";
import type { Json } from "../../model/json.ts";
import type { Lead } from "../../model/lead.ts";
import type { Outcome } from "../../model/outcome.ts";
import type { AttemptRef, Claim, ClaimRequest, Ledger, Next, Settlement } from "../ledger.ts";
import { type DeliveryRow, deliveryOf } from "../rows.ts";
import type { InterestsNoted } from "./interests.ts";
import type { NewDelivery, Plans } from "./plans.ts";
import { type LeadRow, newRow } from "./rows.ts";
import type { Tallies } from "./tallies.ts";

/** Due rows a claim looks at beyond its limit, when many find the gate closed. */
const longestLook = 1_000;

/** How claims read leads. */
type Leads = { read(row: LeadRow): Lead; findLead(id: LeadId): Lead | null };

type Stuck = DeliveryRow & { lease_until: number; started_at: number };

/** Claiming, settling and recovering deliveries. All of it runs inside the commit queue's transaction. */
export function prepareClaims(
  db: DatabaseSync,
  leads: Leads,
  plans: Plans,
  { interests, tallies }: { interests: InterestsNoted; tallies: Tallies },
) {
  // The inner query is answered from the index alone; only the rows taken are read.
  const due = db.prepare(
    `SELECT deliveries.* FROM (
       SELECT lead_id, tag FROM deliveries
       WHERE state = 'pending' AND destination = ?1 AND retry = ?2 AND due_at <= ?3
         AND (due_at, lead_id, tag) > (?4, ?5, ?6)
         AND (person IS NULL OR person NOT IN (SELECT value FROM json_each(?7)))
       ORDER BY due_at, lead_id, tag LIMIT ?8) AS found
     CROSS JOIN deliveries
       ON deliveries.lead_id = found.lead_id AND deliveries.destination = ?1 AND deliveries.tag = found.tag`,
  );
  const peopleUnderWay = db.prepare(
    "SELECT person FROM deliveries WHERE state = 'claimed' AND destination = ? AND person IS NOT NULL",
  );
  const stop = db.prepare(
    `UPDATE deliveries SET state = ?, due_at = NULL, reason_code = ?, reason_message = ?, reason_status = NULL
     WHERE lead_id = ? AND destination = ? AND tag = ?`,
  );
  const lease = db.prepare(
    `UPDATE deliveries SET state = 'claimed', attempts = ?, first_try_at = COALESCE(first_try_at, ?), lease_until = ?,
       worker = ?
     WHERE lead_id = ? AND destination = ? AND tag = ?`,
  );
  // A new delivery is written as it is taken: written as pending first, it would go in and out of every index of what waits.
  const begin = db.prepare(
    `INSERT INTO deliveries (lead_id, destination, kind, purpose, state, attempts, first_try_at, lease_until, worker, person)
     VALUES (?, ?, ?, ?, 'claimed', ?, ?, ?, ?, ?)`,
  );
  const startAttempt = db.prepare(
    "INSERT INTO attempts (lead_id, destination, tag, n, started_at, basis) VALUES (?, ?, ?, ?, ?, ?)",
  );
  const finishAttempt = db.prepare(
    `UPDATE attempts SET duration_ms = ?, outcome = ?, reason_code = ?, reason_message = ?, status = ?
     WHERE lead_id = ? AND destination = ? AND tag = ? AND n = ? RETURNING started_at`,
  );
  const fenced = "lead_id = ? AND destination = ? AND tag = ? AND state = 'claimed' AND attempts = ?";
  const saveProgress = db.prepare(`UPDATE deliveries SET progress = ? WHERE ${fenced}`);
  const deliver = db.prepare(
    `UPDATE deliveries SET state = 'delivered', due_at = NULL, lease_until = NULL, worker = NULL, uncertain = 0,
       progress = NULL, ref = COALESCE(?, ref), warnings = ?, reason_code = NULL, reason_message = NULL, reason_status = NULL
     WHERE ${fenced} RETURNING person`,
  );
  const older = "destination = ? AND person = ? AND lead_id < ? AND tag = ''";
  const supersedeRetrying = db.prepare(
    `UPDATE deliveries SET superseded = 1 WHERE state = 'pending' AND retry = 1 AND ${older}`,
  );
  const supersedeStopped = db.prepare(
    `UPDATE deliveries SET superseded = 1 WHERE state IN ('dead', 'withheld', 'cancelled') AND ${older}`,
  );
  // A lead that was erased while it was under way is not tried again: its attempt was the last.
  const erased = "tag = '' AND (SELECT state FROM leads WHERE id = lead_id) = 'erased'";
  const end = db.prepare(
    `UPDATE deliveries SET state = 'cancelled', due_at = NULL, tries = ?, uncertain = MAX(uncertain, ?), lease_until = NULL,
       worker = NULL, reason_code = 'erased', reason_message = 'the person was erased', reason_status = NULL
     WHERE ${fenced} AND ${erased}`,
  );
  const forgetProgress = db.prepare("UPDATE deliveries SET progress = NULL WHERE lead_id = ? AND destination = ?");
  const find = db.prepare("SELECT * FROM deliveries WHERE lead_id = ? AND destination = ? AND tag = ''");
  const putOff = db.prepare(
    `UPDATE deliveries SET state = 'pending', retry = 1, due_at = ?1, tries = ?2, uncertain = ?3, lease_until = NULL,
       first_try_at = CASE ?2 WHEN 0 THEN NULL ELSE first_try_at END, worker = NULL, reason_code = ?, reason_message = ?, reason_status = ?
     WHERE ${fenced}`,
  );
  const bury = db.prepare(
    `UPDATE deliveries SET state = 'dead', due_at = NULL, tries = ?, uncertain = MAX(uncertain, ?), lease_until = NULL,
       worker = NULL,
       reason_code = ?, reason_message = ?, reason_status = ?
     WHERE ${fenced}`,
  );
  const stuck = db.prepare(
    `SELECT deliveries.*, attempts.started_at FROM deliveries
     JOIN attempts ON attempts.lead_id = deliveries.lead_id AND attempts.destination = deliveries.destination
       AND attempts.tag = deliveries.tag AND attempts.n = deliveries.attempts
     WHERE deliveries.state = 'claimed'`,
  );
  const nextDue = db.prepare(
    `SELECT MIN(due_at) AS at FROM (
       SELECT * FROM (SELECT due_at FROM deliveries WHERE state = 'pending' AND destination = ?1 AND retry = 0 ORDER BY due_at LIMIT 1)
       UNION ALL
       SELECT * FROM (SELECT due_at FROM deliveries WHERE state = 'pending' AND destination = ?1 AND retry = 1 ORDER BY due_at LIMIT 1))`,
  );

  function claim(request: ClaimRequest): Claim[] {
    const { destination, limit } = request;
    const busy = new Set(peopleUnderWay.all(destination).map((row) => row.person as string));
    const claims: Claim[] = [];
    let looks = limit + longestLook;
    let taken = 0;
    for (const { row, lead } of candidates(request, busy)) {
      if (lead) taken = lead.seq;
      const person = row.person;
      const held = (person !== null && busy.has(person)) || (row.due_at ?? 0) > request.now;
      if (lead && held) plans.write(row);
      const claimed = held ? null : takeOrStop(row, lead, request);
      if (claimed && person !== null) busy.add(person);
      if (claimed) claims.push(claimed);
      looks -= 1;
      if (claims.length === limit || looks === 0) break;
    }
    if (taken > 0) plans.take(destination, taken);
    return claims;
  }

  /** What may be claimed: new ones, the longest due first, then retries. `lead` is given for those that have no row yet. */
  function* candidates(request: ClaimRequest, busy: ReadonlySet<string>): Generator<Candidate> {
    const { destination, limit } = request;
    const planned = plans.newAt(destination, limit);
    let next = planned.next();
    for (const row of dueRows(request, 0, busy)) {
      while (!next.done && next.value.lead.received_at < (row.due_at ?? 0)) {
        yield candidateOf(next.value);
        next = planned.next();
      }
      yield { row, lead: null };
    }
    for (; !next.done; next = planned.next()) yield candidateOf(next.value);
    for (const row of dueRows(request, 1, busy)) yield { row, lead: null };
  }

  /** Without the people who are busy when a page is read. Pages, because no statement may be open while its rows change. */
  function* dueRows(
    { destination, limit, now }: ClaimRequest,
    retry: 0 | 1,
    busy: ReadonlySet<string>,
  ): Generator<DeliveryRow> {
    let after: [number, string, string] = [-1, "", ""];
    for (let full = limit > 0; full; ) {
      const page = due.all(destination, retry, now, ...after, JSON.stringify([...busy]), limit) as DeliveryRow[];
      yield* page;
      const last = page.at(-1);
      full = page.length === limit;
      if (last) after = [last.due_at ?? now, last.lead_id, last.tag];
    }
  }

  function takeOrStop(row: DeliveryRow, known: LeadRow | null, request: ClaimRequest): Claim | null {
    const { destination } = request;
    const lead = known ? leads.read(known) : leads.findLead(row.lead_id);
    if (!lead) throw new Error(`delivery without its lead: ${row.lead_id}`);
    const judged = { event: eventOfTag(row.tag), purpose: row.purpose };
    const verdict = request.gate(lead, interests.lastDeliveredAt(destination, row.person), judged);
    if (verdict.type === "open") return take(row, lead, verdict.basis, { ...request, isNew: known !== null });
    if (known) plans.write(row);
    stop.run(verdict.type, verdict.reason.code, verdict.reason.message, row.lead_id, destination, row.tag);
    interests.changed(row.lead_id);
    return null;
  }

  function take(row: DeliveryRow, lead: Lead, basis: LawfulBasis, request: ClaimRequest & { isNew: boolean }): Claim {
    const n = row.attempts + 1;
    const { destination, now, leaseUntil, worker, isNew } = request;
    if (isNew) begin.run(row.lead_id, destination, row.kind, row.purpose, n, now, leaseUntil, worker, row.person);
    else lease.run(n, now, leaseUntil, worker, row.lead_id, destination, row.tag);
    startAttempt.run(row.lead_id, destination, row.tag, n, now, basis);
    const delivery = deliveryOf({ ...row, state: "claimed", attempts: n, first_try_at: row.first_try_at ?? now });
    const about = row.tag === "" ? undefined : (find.get(row.lead_id, destination) as DeliveryRow | undefined);
    return { delivery, lead, basis, about: about ? deliveryOf(about) : null };
  }

  function settle({ deliveryId, n, durationMs, outcome, next }: Settlement): boolean {
    const key = keyOf(deliveryId);
    const { leadId, destination, tag } = key;
    if (!move(key, n, next, outcome)) return false;
    if (tag === "") interests.changed(leadId);
    const { code = null, message = null } = "reason" in outcome ? outcome.reason : {};
    const status = ("reason" in outcome ? outcome.reason.status : outcome.status) ?? null;
    const end = [durationMs, outcome.type, code, message, status];
    const startedAt = finishAttempt.get(...end, leadId, destination, tag, n)?.started_at as number;
    if (tag === "") tallies.settled({ leadId, destination, outcome: outcome.type, startedAt, durationMs });
    return true;
  }

  function move({ leadId, destination, tag }: Key, n: number, next: Next, outcome: Outcome): boolean {
    const key = [leadId, destination, tag, n] as const;
    if (next.state === "delivered") {
      const warnings = next.warnings.length > 0 ? JSON.stringify(next.warnings) : null;
      const delivered = deliver.get(next.ref, warnings, ...key);
      if (!delivered) return false;
      if (tag === "" && delivered.person) arrived(String(delivered.person), leadId, destination, n);
      if (eventOfTag(tag) === "lead.erased") forgetProgress.run(leadId, destination);
      return true;
    }
    const unsure = outcome.type === "uncertain" || (next.state === "pending" && next.uncertain) ? 1 : 0;
    if (end.run(next.tries, unsure, ...key).changes === 1) return true;
    const { code, message, status = null } = next.reason;
    if (next.state === "dead") {
      // Remembered for a replay, which has to ask the destination first.
      return bury.run(next.tries, unsure, code, message, status, ...key).changes === 1;
    }
    const { dueAt, tries, uncertain } = next;
    return putOff.run(dueAt, tries, uncertain ? 1 : 0, code, message, status, ...key).changes === 1;
  }

  function arrived(person: string, leadId: LeadId, destination: string, n: number): void {
    for (const mark of [supersedeRetrying, supersedeStopped]) mark.run(destination, person, leadId);
    interests.delivered(person, leadId, destination, n);
  }

  function recover({ now, isDead, settle: decide }: Parameters<Ledger["recover"]>[0]): number {
    const lost = (stuck.all() as Stuck[]).filter((row) => row.lease_until < now || (row.worker && isDead(row.worker)));
    for (const row of lost) {
      const delivery = deliveryOf(row);
      const durationMs = Math.max(0, now - row.started_at);
      settle({ deliveryId: delivery.id, n: row.attempts, durationMs, ...decide(delivery) });
    }
    return lost.length;
  }

  return {
    claim,
    settle,
    recover,
    saveProgress: ({ deliveryId, n }: AttemptRef, progress: Json): boolean => {
      const { leadId, destination, tag } = keyOf(deliveryId);
      return saveProgress.run(JSON.stringify(progress), leadId, destination, tag, n).changes === 1;
    },
    nextDue: (destination: string): number | null => {
      const [first] = plans.newAt(destination, 1);
      const due = nextDue.get(destination)?.at as number | null | undefined;
      return first ? Math.min(first.lead.received_at, due ?? Number.POSITIVE_INFINITY) : (due ?? null);
    },
  };
}

type Candidate = { row: DeliveryRow; lead: LeadRow | null };

function candidateOf({ lead, planned }: NewDelivery): Candidate {
  return { row: newRow(lead, planned), lead };
}

type Key = NonNullable<ReturnType<typeof parseDeliveryId>>;

function keyOf(deliveryId: AttemptRef["deliveryId"]): Key {
  const key = parseDeliveryId(deliveryId);
  if (!key) throw new RangeError(`not a delivery id: ${deliveryId}`);
  return key;
}
