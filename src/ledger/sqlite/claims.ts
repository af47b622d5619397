import type { DatabaseSync } from "node:sqlite";
import type { LawfulBasis } from "../../model/consent.ts";
import { eventOfTag, type LeadId } from "../../model/id.ts";
import type { Lead } from "../../model/lead.ts";
import { type DueBy, type DueTimes, endOfTime, latestWait, nextDueOf } from "../due.ts";
import type { Claim, ClaimRequest } from "../ledger.ts";
import { type DeliveryRow, deliveryOf } from "../rows.ts";
import type { InterestsNoted } from "./interests.ts";
import type { NewDelivery, Plans } from "./plans.ts";
import { type LeadRow, newRow } from "./rows.ts";
import { prepareSettlements } from "./settlements.ts";
import type { Tallies } from "./tallies.ts";

/** Due rows a claim looks at beyond its limit, when many find the gate closed. */
const longestLook = 1_000;
/** Behind every lead's id. */
const lastId = "lead_~";

/** How claims read leads. */
type Leads = { read(row: LeadRow): Lead; findLead(id: LeadId): Lead | null };

/** Claiming deliveries, and ending their attempts. All of it runs inside the commit queue's transaction. */
export function prepareClaims(
  db: DatabaseSync,
  leads: Leads,
  plans: Plans,
  { interests, tallies }: { interests: InterestsNoted; tallies: Tallies },
) {
  // The inner query is answered from indexes alone; only the rows taken are read. A plan may hang on the value of a parameter that
  // is a limit, or is compared with what an index is for; SQLite then prepares the statement anew for each claim (40 µs). So `+`,
  // and `retry` in the text.
  const dueOf = (retry: 0 | 1) =>
    db.prepare(
      `SELECT deliveries.* FROM (
         SELECT lead_id, tag FROM deliveries AS waiting
         WHERE state = 'pending' AND destination = ?1 AND retry = ${retry} AND due_at <= ?2
           AND (due_at, lead_id, tag) > (?3, ?4, ?5)
           AND NOT EXISTS (
             SELECT 1 FROM deliveries AS busy
             WHERE busy.state = 'claimed' AND busy.destination = ?1 AND busy.person = waiting.person)
         ORDER BY due_at, lead_id, tag LIMIT +?6) AS found
       CROSS JOIN deliveries
         ON deliveries.lead_id = found.lead_id AND deliveries.destination = ?1 AND deliveries.tag = found.tag`,
    );
  const due = { 0: dueOf(0), 1: dueOf(1) } as const;
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
  const find = db.prepare("SELECT * FROM deliveries WHERE lead_id = ? AND destination = ? AND tag = ''");
  const times = (retry: 0 | 1, order: string) =>
    `(SELECT due_at FROM deliveries WHERE state = 'pending' AND destination = ?1 AND retry = ${retry} ORDER BY due_at ${order} LIMIT 1)`;
  const nextDue = db.prepare(
    `SELECT ${times(0, "ASC")} AS fresh, ${times(1, "ASC")} AS retry, ${times(1, "DESC")} AS last`,
  );

  function claim(request: ClaimRequest): Claim[] {
    const { destination, limit } = request;
    const busy = new Set(peopleUnderWay.all(destination).map((row) => row.person as string));
    const claims: Claim[] = [];
    let looks = limit + longestLook;
    let taken = 0;
    for (const { row, lead } of candidates(request)) {
      if (lead) taken = lead.seq;
      const person = row.person;
      const held = person !== null && busy.has(person);
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
  function* candidates(request: ClaimRequest): Generator<Candidate> {
    const { destination, limit, now } = request;
    const planned = plans.newAt(destination, limit);
    let next = planned.next();
    for (const row of dueRows(request, 0, { after: 0, until: endOfTime })) {
      while (!next.done && next.value.lead.received_at < (row.due_at ?? 0)) {
        yield candidateOf(next.value);
        next = planned.next();
      }
      yield { row, lead: null };
    }
    for (; !next.done; next = planned.next()) yield candidateOf(next.value);
    const latest = latestWait(request);
    for (const row of dueRows(request, 1, { after: 0, until: now })) yield { row, lead: null };
    for (const row of dueRows(request, 1, { after: latest, until: endOfTime })) yield { row, lead: null };
  }

  /** Without the people who are busy when a page is read. Pages, because no statement may be open while its rows change. */
  function* dueRows(
    { destination, limit }: ClaimRequest,
    retry: 0 | 1,
    { after, until }: { after: number; until: number },
  ): Generator<DeliveryRow> {
    let place: [number, string, string] = [after, lastId, ""];
    for (let full = limit > 0 && after < until; full; ) {
      const page = due[retry].all(destination, until, ...place, limit) as DeliveryRow[];
      yield* page;
      const last = page.at(-1);
      full = page.length === limit;
      if (last) place = [last.due_at ?? until, last.lead_id, last.tag];
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

  return {
    claim,
    ...prepareSettlements(db, { interests, tallies }),
    nextDue: (destination: string, by?: DueBy): number | null => {
      const [first] = plans.newAt(destination, 1);
      const known = nextDue.get(destination) as DueTimes;
      const planned = first?.lead.received_at ?? null;
      const fresh =
        planned === null || known.fresh === null ? (planned ?? known.fresh) : Math.min(planned, known.fresh);
      return nextDueOf({ ...known, fresh }, by);
    },
  };
}

type Candidate = { row: DeliveryRow; lead: LeadRow | null };

function candidateOf({ lead, planned }: NewDelivery): Candidate {
  return { row: newRow(lead, planned), lead };
}
