import type { LawfulBasis } from "../../model/consent.ts";
import { eventOfTag } from "../../model/id.ts";
import type { Lead } from "../../model/lead.ts";
import type { Reason } from "../../model/outcome.ts";
import type { Claim, ClaimRequest } from "../ledger.ts";
import { type DeliveryRow, deliveryOf, type LeadRow } from "../rows.ts";
import { columnsOf } from "./columns.ts";
import type { Transaction } from "./database.ts";
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
export async function claim(tx: Transaction, request: ClaimRequest, interests: InterestsNoted): Promise<Claim[]> {
  const { destination, limit } = request;
  const busy = new Set(await peopleUnderWay(tx, destination));
  const taken: Taken[] = [];
  const stopped: Stopped[] = [];
  let looks = limit + longestLook;
  for await (const { row, lead, lastDeliveredAt } of candidates(tx, request, busy, interests)) {
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
    // Before the next ones are read: that would lock them, and keep other machines from them for nothing.
    if (looks === 0 || taken.length === limit) break;
  }
  await stop(tx, destination, stopped);
  await interests.changed(tx, [...new Set(stopped.map(({ row }) => row.lead_id))]);
  return take(tx, request, taken);
}

const firstOf = (retry: 0 | 1) =>
  `(SELECT due_at FROM deliveries WHERE state = 'pending' AND destination = $1 AND retry = ${retry} AND due_at IS NOT NULL
    ORDER BY due_at LIMIT 1)`;
/** When the next pending delivery of a destination is due: answered from the index on what is. */
export const nextDue = `SELECT LEAST(${firstOf(0)}, ${firstOf(1)}) AS at`;

async function peopleUnderWay(tx: Transaction, destination: string): Promise<string[]> {
  const rows = await tx.query<{ person: string }>(
    "SELECT person FROM deliveries WHERE state = 'claimed' AND destination = $1 AND person IS NOT NULL",
    [destination],
  );
  return rows.map(({ person }) => person);
}

/** What may be claimed: new ones, the longest due first, then retries. */
async function* candidates(
  tx: Transaction,
  { destination, limit, now }: ClaimRequest,
  busy: ReadonlySet<string>,
  interests: InterestsNoted,
): AsyncGenerator<Candidate> {
  for (const retry of [0, 1] as const) {
    let after: [number, string, string] = [-1, "", ""];
    for (let full = limit > 0; full; ) {
      const page = await tx.query<Due>(due[retry], [destination, now, ...after, [...busy], limit]);
      // The join may have brought them out of their order.
      page.sort(longestDueFirst);
      const last = page.at(-1);
      if (!last) break;
      yield* await judged(tx, destination, page, interests);
      full = page.length === limit;
      after = [last.due_at ?? now, last.lead_id, last.tag];
    }
  }
}

type Due = DeliveryRow & Pick<LeadRow, "form" | "received_at" | "document"> & { lead_state: LeadRow["state"] };

/** The inner query is answered from the partial index in its order, and locks what it gives. */
const dueOf = (retry: 0 | 1) =>
  `WITH found AS MATERIALIZED (
     SELECT * FROM deliveries
     WHERE state = 'pending' AND destination = $1 AND retry = ${retry} AND due_at <= $2
       AND (due_at, lead_id, tag) > ($3, $4, $5) AND (person IS NULL OR person <> ALL ($6::text[]))
     ORDER BY due_at, lead_id, tag LIMIT $7 FOR UPDATE SKIP LOCKED)
   SELECT found.*, leads.form, leads.received_at, leads.document, leads.state AS lead_state
   FROM found JOIN leads ON leads.id = found.lead_id`;
export const due = { 0: dueOf(0), 1: dueOf(1) } as const;

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

function longestDueFirst(one: Due, other: Due): number {
  if (one.due_at !== other.due_at) return Number(one.due_at) - Number(other.due_at);
  if (one.lead_id !== other.lead_id) return one.lead_id < other.lead_id ? -1 : 1;
  return one.tag < other.tag ? -1 : 1;
}

function leadRowOf({ lead_id: id, lead_state: state, form, received_at, person, document }: Due): LeadRow {
  return { id, form, state, received_at, person, key: null, document };
}

async function stop(tx: Transaction, destination: string, stopped: readonly Stopped[]): Promise<void> {
  if (stopped.length === 0) return;
  await tx.query(
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
  await tx.query(
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
