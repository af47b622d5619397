import type { LeadId } from "../../model/id.ts";
import type { Lead } from "../../model/lead.ts";
import type { Accepted, Entry, NewDelivery } from "../ledger.ts";
import type { LeadRow } from "../rows.ts";
import { hourOf, sourceOf } from "../tally-keys.ts";
import { beginChecks } from "./captcha-checks.ts";
import { columnsOf } from "./columns.ts";
import type { Transaction } from "./database.ts";
import { TryAgain } from "./postgres-error.ts";

/**
 * Keeps leads with their deliveries, many in one transaction. Of entries with the same form and key one is kept, whether they
 * stand in this batch, another machine's or on record. `ahead`: by how much the database's clock is ahead of the one leads were
 * received by. `textOf`: what is kept as a lead's document.
 */
export async function acceptAll(
  tx: Transaction,
  entries: readonly Entry[],
  ahead: number,
  textOf: (lead: Lead) => string,
): Promise<Accepted[]> {
  const owners = await ownersOf(tx, entries);
  const accepted = entries.map((entry): Accepted => {
    const leadId = entry.key === null ? entry.lead.id : (owners.get(placeOf(entry)) ?? entry.lead.id);
    return { leadId, repeated: leadId !== entry.lead.id };
  });
  const kept = entries.filter((_, i) => !accepted[i]?.repeated);
  if (kept.length > 0) insert(tx, kept, ahead, textOf);
  return accepted;
}

/** Which leads of these are on record. */
export async function onRecord(tx: Transaction, ids: readonly LeadId[]): Promise<Set<LeadId>> {
  const rows = await tx.query<{ id: LeadId }>("SELECT id FROM leads WHERE id = ANY($1)", [ids]);
  return new Set(rows.map(({ id }) => id));
}

/** Whose each key is, after taking those that were free. */
async function ownersOf(tx: Transaction, entries: readonly Entry[]): Promise<Map<string, LeadId>> {
  const wanted = new Map<string, Entry>();
  for (const entry of entries) {
    if (entry.key !== null && !wanted.has(placeOf(entry))) wanted.set(placeOf(entry), entry);
  }
  if (wanted.size === 0) return new Map();
  // In the same order on every machine, so that no two wait for each other. A key being taken elsewhere is waited for.
  const sorted = [...wanted].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry);
  const keys = columnsOf(
    sorted,
    ({ lead }) => lead.form,
    ({ key }) => key,
    ({ lead }) => lead.id,
  );
  const taken = await tx.query<KeyRow>(
    `INSERT INTO submission_keys (form, key, lead_id) SELECT * FROM unnest($1::text[], $2::text[], $3::text[])
     ON CONFLICT DO NOTHING RETURNING form, key, lead_id`,
    keys,
  );
  const owners = new Map(taken.map((row) => [JSON.stringify([row.form, row.key]), row.lead_id]));
  if (owners.size === sorted.length) return owners;
  const earlier = await tx.query<KeyRow>(
    `SELECT form, key, lead_id FROM submission_keys
     WHERE (form, key) IN (SELECT * FROM unnest($1::text[], $2::text[]))`,
    keys.slice(0, 2),
  );
  for (const row of earlier) owners.set(JSON.stringify([row.form, row.key]), row.lead_id);
  if (owners.size < sorted.length) throw new TryAgain("a key was given up in this very moment");
  return owners;
}

type KeyRow = { form: string; key: string; lead_id: LeadId };

function placeOf({ lead, key }: Entry): string {
  return JSON.stringify([lead.form, key]);
}

/**
 * Where leads go is told once for all that go to the same places, and documents are one text: they are JSON or sealed, so no
 * control character is in them. Both are much cheaper to write and to send than a value for each row.
 */
function insert(tx: Transaction, entries: readonly Entry[], ahead: number, textOf: (lead: Lead) => string): void {
  const ways = waysOf(entries);
  tx.send(
    `WITH given AS (
       SELECT * FROM ROWS FROM (unnest($1::text[]), unnest($2::text[]), unnest($3::text[]), unnest($4::bigint[]),
         unnest($5::text[]), unnest($6::text[]), unnest($7::integer[]), unnest(string_to_array($8::text, chr(30))))
         AS given (id, form, state, received_at, person, key, way, document)),
     kept AS (
       INSERT INTO leads (id, form, state, received_at, person, key, document)
       SELECT id, form, state, received_at, person, key, document FROM given)
     INSERT INTO deliveries (lead_id, destination, kind, purpose, state, due_at, person, reason_code, reason_message,
       reason_status, uncertain)
     SELECT given.id, step.destination, step.kind, step.purpose, step.state,
       CASE WHEN step.state = 'pending' THEN given.received_at + $9::bigint END, given.person,
       step.reason_code, step.reason_message, step.reason_status, step.uncertain
     FROM given JOIN unnest($10::integer[], $11::text[], $12::text[], $13::text[], $14::text[], $15::text[], $16::text[],
       $17::integer[], $18::boolean[]) AS step (way, destination, kind, purpose, state, reason_code, reason_message,
       reason_status, uncertain) ON step.way = given.way`,
    [
      ...columnsOf(
        entries,
        ({ lead }) => lead.id,
        ({ lead }) => lead.form,
        ({ lead }) => lead.state,
        ({ lead }) => lead.receivedAt,
        ({ lead }) => lead.person,
        ({ key }) => key,
        ways.of,
      ),
      entries.map(({ lead }) => textOf(lead)).join(between),
      ahead,
      ...columnsOf(
        ways.steps,
        ({ way }) => way,
        ({ destination }) => destination,
        ({ kind }) => kind,
        ({ purpose }) => purpose,
        ({ state }) => state,
        ({ reason }) => reason?.code ?? null,
        ({ reason }) => reason?.message ?? null,
        ({ reason }) => reason?.status ?? null,
        ({ uncertain = false }) => uncertain,
      ),
    ],
  );
  beginChecks(tx, entries);
  for (const { lead } of entries) tally(tx, lead);
}

const between = "\u001e";

/** The different lists of deliveries there are, and by number which one each entry has. */
function waysOf(entries: readonly Entry[]) {
  const numbers = new Map<string, number>();
  const steps: (NewDelivery & { way: number })[] = [];
  const ofEntry = new Map<Entry, number>();
  for (const entry of entries) {
    const text = JSON.stringify(entry.deliveries);
    const way = numbers.get(text) ?? numbers.size;
    if (!numbers.has(text)) {
      numbers.set(text, way);
      for (const step of entry.deliveries) steps.push({ ...step, way });
    }
    ofEntry.set(entry, way);
  }
  return { steps, of: (entry: Entry) => ofEntry.get(entry) };
}

function tally({ sums }: Transaction, { id, form, state, receivedAt, attribution }: Lead): void {
  const hour = hourOf(receivedAt);
  sums.add("lead_tallies", { hour, form, source: sourceOf(attribution.parameters.utm_source), count: 1 });
  sums.add("lead_hours", { hour, first_id: id, last_id: id });
  sums.add("lead_counts", { form, state, count: 1, last_at: receivedAt });
}

/**
 * Locks leads and then all their deliveries, in the order of ids, for work that changes a lead as a whole. What is being
 * claimed or settled just now is waited for. Resolves to the leads that are on record.
 */
export async function lockLeads(tx: Transaction, ids: readonly LeadId[]): Promise<LeadRow[]> {
  const leads = await tx.query<LeadRow>("SELECT * FROM leads WHERE id = ANY($1) ORDER BY id FOR UPDATE", [ids]);
  await tx.query("SELECT 1 FROM deliveries WHERE lead_id = ANY($1) ORDER BY lead_id, destination, tag FOR UPDATE", [
    leads.map(({ id }) => id),
  ]);
  return leads;
}

/** Brings leads to another state and counts them there. */
export async function moveLeads(tx: Transaction, leads: readonly LeadRow[], state: Lead["state"]): Promise<void> {
  await tx.query("UPDATE leads SET state = $1 WHERE id = ANY($2)", [state, leads.map(({ id }) => id)]);
  for (const { form, state: before, received_at: last_at } of leads) {
    tx.sums.add("lead_counts", { form, state: before, count: -1, last_at });
    tx.sums.add("lead_counts", { form, state, count: 1, last_at });
  }
}
