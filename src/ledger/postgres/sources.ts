import type { DeliveryState } from "../../model/delivery.ts";
import type { LeadId } from "../../model/id.ts";
import type { LeadFilter } from "../ledger.ts";
import { hourOf, sourceOf } from "../tally-keys.ts";
import { type Fragment, numbered } from "./conditions.ts";
import type { Transaction } from "./database.ts";

/** Where leads that a filter lets through are to be found: the columns of an index, newest first. */
type Source = { table: string; id: string; where: Fragment };

/** Ids of leads to look at, newest first, and how far down they are all there are; null: to the end. */
export type Look = { ids: LeadId[]; to: LeadId | null };

type Bounds = { from: string; before: string };
const newest = "lead_~";
const everything: Source = { table: "leads", id: "id", where: { sql: "TRUE", values: [] } };

/**
 * The places to look for the leads of a list. They hold all that match, and as little else as an index can tell. A cursor goes
 * down by the ids: a lead that another machine commits late has its place above or below it, and none is passed over that was
 * on record when the list began.
 */
export async function openSources(tx: Transaction, filter: LeadFilter, before: string = newest) {
  const bounds = await boundsOf(tx, filter);
  if (!bounds) return async (): Promise<Look> => ({ ids: [], to: null });
  const { from } = bounds;
  const sources = (await sourcesOf(tx, filter)).map(({ table, id, where }) => ({
    values: where.values,
    text: numbered(
      `SELECT ${id} AS id FROM ${table} WHERE ${where.sql} AND ${id} < ? AND ${id} >= ? ORDER BY ${id} DESC LIMIT ?`,
    ),
  }));
  let cursor = before < bounds.before ? before : bounds.before;

  return async (inside: Transaction, size: number): Promise<Look> => {
    const pages: LeadId[][] = [];
    for (const { text, values } of sources) {
      const rows = await inside.queryOnce<{ id: LeadId }>(text, [...values, cursor, from, size]);
      pages.push(rows.map(({ id }) => id));
    }
    // A full page may have more below it: what the others have there is for the next time.
    const ends = pages.filter((page) => page.length === size).map((page) => page.at(-1) as LeadId);
    const to = ends.sort().at(-1) ?? null;
    cursor = to ?? cursor;
    const ids = [...new Set(pages.flat())].filter((id) => to === null || id >= to);
    return { ids: ids.sort().reverse(), to };
  };
}

async function sourcesOf(tx: Transaction, filter: LeadFilter): Promise<Source[]> {
  const { form, state, stage, assignee, deliveryState, person } = filter;
  const ofLeads = (sql: string, value: unknown): Source => ({
    table: "leads",
    id: "id",
    where: { sql, values: [value] },
  });
  const ofWork = (sql: string, value: unknown): Source => ({
    table: "lead_work",
    id: "lead_id",
    where: { sql, values: [value] },
  });
  if (person) return person.map((one) => ofLeads("person = ?", one));
  if (deliveryState !== undefined && deliveryState !== "delivered") return deliverySources(tx, filter, deliveryState);
  if (state !== undefined && state !== "active") return [ofLeads("state <> 'active' AND state = ?", state)];
  if (assignee !== undefined) return [ofWork("assignee = ?", assignee)];
  if (stage !== undefined && stage !== "new") return [ofWork("stage = ?", stage)];
  return [form === undefined ? everything : ofLeads("form = ?", form)];
}

async function deliverySources(
  tx: Transaction,
  { destination }: LeadFilter,
  state: Exclude<DeliveryState, "delivered">,
): Promise<Source[]> {
  const of = { table: "deliveries", id: "lead_id" };
  // Few are under way at any time.
  if (state === "claimed") return [{ ...of, where: { sql: "state = 'claimed'", values: [] } }];
  const places = destination === undefined ? await destinationsIn(tx, state) : [destination];
  return places.map((place) => ({ ...of, where: { sql: `${indexed(state)} AND destination = ?`, values: [place] } }));
}

/** Names the index made for lists; see the migrations. */
function indexed(state: DeliveryState): string {
  return `state = '${state}' AND tries >= 0`;
}

/** From one destination to the next one, without reading what lies between. */
async function destinationsIn(
  tx: Transaction,
  state: "pending" | "dead" | "withheld" | "cancelled",
): Promise<string[]> {
  const rows = await tx.query<{ destination: string }>(
    `WITH RECURSIVE found (destination) AS (
       (SELECT destination FROM deliveries WHERE ${indexed(state)} ORDER BY destination LIMIT 1)
       UNION ALL SELECT (SELECT destination FROM deliveries
         WHERE ${indexed(state)} AND destination > found.destination ORDER BY destination LIMIT 1)
       FROM found WHERE found.destination IS NOT NULL)
     SELECT destination FROM found WHERE destination IS NOT NULL`,
  );
  return rows.map(({ destination }) => destination);
}

/** The ids between which leads of these dates, and from this source, lie; null when there are none. */
async function boundsOf(tx: Transaction, { since, until, source }: LeadFilter): Promise<Bounds | null> {
  if (since === undefined && until === undefined && source === undefined) return { from: "", before: newest };
  const found = source === undefined ? null : await hoursOf(tx, source);
  if (found?.first === null) return null;
  const first = Math.max(hourOf(since ?? 0), found?.first ?? 0);
  const last = Math.min(hourOf(until ?? Number.MAX_SAFE_INTEGER), found?.last ?? Number.MAX_SAFE_INTEGER);
  const [bounds] = await tx.query<{ first: string | null; last: string | null }>(
    "SELECT MIN(first_id) AS first, MAX(last_id) AS last FROM lead_hours WHERE hour >= $1 AND hour <= $2",
    [first, last],
  );
  return bounds?.first ? { from: bounds.first, before: `${bounds.last}~` } : null;
}

async function hoursOf(tx: Transaction, source: string) {
  const [hours] = await tx.query<{ first: number | null; last: number | null }>(
    "SELECT MIN(hour) AS first, MAX(hour) AS last FROM lead_tallies WHERE source = $1",
    [sourceOf(source)],
  );
  return hours ?? null;
}
