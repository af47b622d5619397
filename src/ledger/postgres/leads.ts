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
  if (kept.length > 0) await insert(tx, kept, ahead, textOf);
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

async function insert(
  tx: Transaction,
  entries: readonly Entry[],
  ahead: number,
  textOf: (lead: Lead) => string,
): Promise<void> {
  await tx.query(
    `INSERT INTO leads (id, form, state, received_at, person, key, document)
     SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::text[])`,
    columnsOf(
      entries,
      ({ lead }) => lead.id,
      ({ lead }) => lead.form,
      ({ lead }) => lead.state,
      ({ lead }) => lead.receivedAt,
      ({ lead }) => lead.person,
      ({ key }) => key,
      ({ lead }) => textOf(lead),
    ),
  );
  await insertDeliveries(
    tx,
    entries.flatMap(({ lead, deliveries }) => deliveries.map((one) => ({ lead, ...one }))),
    ahead,
  );
  await beginChecks(tx, entries);
  for (const { lead } of entries) tally(tx, lead);
}

async function insertDeliveries(
  tx: Transaction,
  rows: readonly (NewDelivery & { lead: Lead })[],
  ahead: number,
): Promise<void> {
  if (rows.length === 0) return;
  await tx.query(
    `INSERT INTO deliveries (lead_id, destination, kind, purpose, state, due_at, person, reason_code, reason_message,
       reason_status, uncertain)
     SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::text[],
       $8::text[], $9::text[], $10::integer[], $11::boolean[])`,
    columnsOf(
      rows,
      ({ lead }) => lead.id,
      ({ destination }) => destination,
      ({ kind }) => kind,
      ({ purpose }) => purpose,
      ({ state }) => state,
      ({ state, lead }) => (state === "pending" ? lead.receivedAt + ahead : null),
      ({ lead }) => lead.person,
      ({ reason }) => reason?.code ?? null,
      ({ reason }) => reason?.message ?? null,
      ({ reason }) => reason?.status ?? null,
      ({ uncertain = false }) => uncertain,
    ),
  );
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
