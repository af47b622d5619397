import type { LawfulBasis } from "../../model/consent.ts";
import { eventOfTag } from "../../model/id.ts";
import type { Lead } from "../../model/lead.ts";
import type { Reason } from "../../model/outcome.ts";
import type { Claim, ClaimRequest } from "../ledger.ts";
import { type DeliveryRow, deliveryOf, type LeadRow } from "../rows.ts";
import { columnsOf } from "./columns.ts";
import type { Transaction } from "./database.ts";
import type { Candidates, Due } from "./engine.ts";
import type { InterestsNoted } from "./interests.ts";
import { readLeads } from "./records.ts";

/** Due rows a claim looks at beyond its limit, when many find the gate closed. */
const longestLook = 1_000;

type Candidate = { row: DeliveryRow; lead: Lead; lastDeliveredAt: number | null };
type Taken = { row: DeliveryRow; lead: Lead; basis: LawfulBasis };
type Stopped = { row: DeliveryRow; state: "withheld" | "cancelled"; reason: Reason };

/**
 * Leases due deliveries. Rows another machine is just claiming are passed over (SKIP LOCKED). Should both have chosen different
 * leads of one person, the later one runs into the unique index on who is under way and is done anew.
 */
export async function claim(
  tx: Transaction,
  request: ClaimRequest,
  candidates: Candidates,
  interests: InterestsNoted,
): Promise<Claim[]> {
  const { destination, limit } = request;
  const busy = new Set<string>();
  const taken: Taken[] = [];
  const stopped: Stopped[] = [];
  for (let looks = limit + longestLook; looks > 0 && taken.length < limit; ) {
    // One page at a time: more would be locked, and kept from other machines for nothing.
    const page = await candidates.next(busy);
    if (page.length === 0) break;
    for (const { row, lead, lastDeliveredAt } of await judged(tx, destination, page, interests)) {
      looks -= 1;
      const { person } = row;
      if (person !== null && busy.has(person)) continue;
      const verdict = request.gate(lead, lastDeliveredAt, { event: eventOfTag(row.tag), purpose: row.purpose });
      if (verdict.type === "open") {
        if (person !== null) busy.add(person);
        taken.push({ row, lead, basis: verdict.basis });
      } else {
        stopped.push({ row, state: verdict.type, reason: verdict.reason });
      }
      if (looks === 0 || taken.length === limit) break;
    }
  }
  await candidates.end(taken.map(({ row }) => row));
  stop(tx, destination, stopped);
  interests.changed(tx, [...new Set(stopped.map(({ row }) => row.lead_id))]);
  return take(tx, request, taken);
}

const timeOf = (retry: 0 | 1, order: "ASC" | "DESC") =>
  `(SELECT due_at FROM deliveries WHERE state = 'pending' AND destination = $1 AND retry = ${retry} AND due_at IS NOT NULL
    ORDER BY due_at ${order} LIMIT 1)`;
/** What `nextDueOf` goes by, of one destination: answered from the index on what is due. */
export const dueTimes = `SELECT ${timeOf(0, "ASC")} AS fresh, ${timeOf(1, "ASC")} AS retry, ${timeOf(1, "DESC")} AS last`;

/** People of whom a lead is on its way to a destination: no other one of theirs may go meanwhile. */
export async function peopleUnderWay(tx: Transaction, destination: string): Promise<string[]> {
  const rows = await tx.query<{ person: string }>(
    "SELECT person FROM deliveries WHERE state = 'claimed' AND destination = $1 AND person IS NOT NULL",
    [destination],
  );
  return rows.map(({ person }) => person);
}

/** With what the gate has to know of each. */
async function judged(
  tx: Transaction,
  destination: string,
  page: readonly Due[],
  interests: InterestsNoted,
): Promise<Candidate[]> {
  const leads = await readLeads(tx, page.map(leadRowOf));
  const people = page.flatMap(({ person }) => person ?? []);
  const last = await interests.lastDeliveredAt(tx, destination, people);
  return page.map((row, i) => ({ row, lead: leads[i] as Lead, lastDeliveredAt: last.get(row.person ?? "") ?? null }));
}

function leadRowOf({ lead_id: id, lead_state: state, form, received_at, person, document }: Due): LeadRow {
  return { id, form, state, received_at, person, key: null, document };
}

function stop(tx: Transaction, destination: string, stopped: readonly Stopped[]): void {
  if (stopped.length === 0) return;
  tx.send(
    `UPDATE deliveries SET state = ended.state, due_at = NULL, reason_code = ended.code, reason_message = ended.message,
       reason_status = NULL
     FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[]) AS ended (lead_id, tag, state, code, message)
     WHERE deliveries.lead_id = ended.lead_id AND deliveries.destination = $1 AND deliveries.tag = ended.tag`,
    [
      destination,
      ...columnsOf(
        stopped,
        ({ row }) => row.lead_id,
        ({ row }) => row.tag,
        ({ state }) => state,
        ({ reason }) => reason.code,
        ({ reason }) => reason.message,
      ),
    ],
  );
}

/** Leases, with "attempt n started" beside it. */
async function take(tx: Transaction, request: ClaimRequest, taken: readonly Taken[]): Promise<Claim[]> {
  if (taken.length === 0) return [];
  const { destination, now, leaseUntil, worker } = request;
  tx.send(
    `WITH leased AS (
       UPDATE deliveries SET state = 'claimed', attempts = attempts + 1, first_try_at = COALESCE(first_try_at, $5),
         lease_until = $6, worker = $7
       FROM unnest($2::text[], $3::text[], $4::text[]) AS taken (lead_id, tag, basis)
       WHERE deliveries.lead_id = taken.lead_id AND deliveries.destination = $1 AND deliveries.tag = taken.tag
       RETURNING deliveries.lead_id, deliveries.tag, deliveries.attempts, taken.basis)
     INSERT INTO attempts (lead_id, destination, tag, n, started_at, basis)
     SELECT lead_id, $1, tag, attempts, $5, basis FROM leased`,
    [
      destination,
      ...columnsOf(
        taken,
        ({ row }) => row.lead_id,
        ({ row }) => row.tag,
        ({ basis }) => basis,
      ),
      now,
      leaseUntil,
      worker,
    ],
  );
  const about = await aboutOf(tx, destination, taken);
  return taken.map(({ row, lead, basis }) => ({
    delivery: deliveryOf({
      ...row,
      state: "claimed",
      attempts: row.attempts + 1,
      first_try_at: row.first_try_at ?? now,
    }),
    lead,
    basis,
    about: row.tag === "" ? null : about(row),
  }));
}

/** For follow-ups: the delivery of the lead itself. */
async function aboutOf(tx: Transaction, destination: string, taken: readonly Taken[]) {
  const ids = taken.filter(({ row }) => row.tag !== "").map(({ row }) => row.lead_id);
  const rows =
    ids.length === 0
      ? []
      : await tx.query<DeliveryRow>(
          "SELECT * FROM deliveries WHERE lead_id = ANY($1) AND destination = $2 AND tag = ''",
          [ids, destination],
        );
  const found = new Map(rows.map((row) => [row.lead_id, deliveryOf(row)]));
  return ({ lead_id }: DeliveryRow) => found.get(lead_id) ?? null;
}
