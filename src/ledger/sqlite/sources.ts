import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import type { LeadFilter } from "../ledger.ts";
import { hourOf, sourceOf } from "../tally-keys.ts";
import { listedStates } from "./index-conditions.ts";

/** Where leads that a filter lets through are to be found: the columns of an index, newest first. */
type Source = { table: string; id: string; where: string; values: SQLInputValue[]; from?: string };

/** Ids of leads to look at, newest first, and how far down they are all there are; null: to the end. */
export type Look = { ids: string[]; to: string | null };

const newest = "lead_~";
const everything: Source = { table: "leads", id: "id", where: "TRUE", values: [] };

/** The places to look for the leads of a list. They hold all that match, and as little else as an index can tell. */
export function prepareSources(db: DatabaseSync) {
  // From one destination to the next one, without reading what lies between.
  const destinations = db.prepare(
    `WITH RECURSIVE found (destination) AS (
       SELECT MIN(destination) FROM deliveries WHERE ${listedStates} AND state = ?1
       UNION ALL SELECT (SELECT MIN(destination) FROM deliveries
         WHERE ${listedStates} AND state = ?1 AND destination > found.destination)
       FROM found WHERE found.destination IS NOT NULL)
     SELECT destination FROM found WHERE destination IS NOT NULL`,
  );
  const hours = db.prepare(
    "SELECT MIN(first_id) AS first, MAX(last_id) AS last FROM lead_hours WHERE hour >= ? AND hour <= ?",
  );
  const hoursOfSource = db.prepare(
    `SELECT (SELECT MIN(hour) FROM lead_tallies WHERE source = ?1) AS first,
       (SELECT MAX(hour) FROM lead_tallies WHERE source = ?1) AS last`,
  );
  const firstAfter = db.prepare("SELECT MIN(first_id) AS id FROM lead_hours WHERE last_seq > ?");
  const taken = db.prepare(
    "SELECT MIN(COALESCE(taken, 0)) AS seq FROM planned LEFT JOIN lanes USING (destination) WHERE destination = COALESCE(?, destination)",
  );

  function destinationsIn(state: string): string[] {
    return destinations.all(state).map((row) => String(row.destination));
  }

  function sourcesOf(filter: LeadFilter): Source[] {
    const { form, state, stage, assignee, deliveryState, person } = filter;
    if (person) return person.map((one) => ({ table: "leads", id: "id", where: "person = ?", values: [one] }));
    if (deliveryState !== undefined && deliveryState !== "delivered") return deliverySources(filter, deliveryState);
    if (state !== undefined && state !== "active") {
      return [{ table: "leads", id: "id", where: "state <> 'active' AND state = ?", values: [state] }];
    }
    if (assignee !== undefined)
      return [{ table: "lead_work", id: "lead_id", where: "assignee = ?", values: [assignee] }];
    if (stage !== undefined && stage !== "new") {
      return [{ table: "lead_work", id: "lead_id", where: "stage = ?", values: [stage] }];
    }
    return form === undefined ? [everything] : [{ table: "leads", id: "id", where: "form = ?", values: [form] }];
  }

  function deliverySources({ destination }: LeadFilter, state: string): Source[] {
    const id = "lead_id";
    // Few are under way at any time: SQLite would rather walk all others than sort them.
    if (state === "claimed") {
      return [{ table: "deliveries INDEXED BY deliveries_claimed", id, where: "state = 'claimed'", values: [] }];
    }
    const where = `${listedStates} AND state = ? AND destination = ?`;
    const places = destination === undefined ? destinationsIn(state) : [destination];
    const written = places.map((place) => ({ table: "deliveries", id, where, values: [state, place] }));
    return state === "pending" ? [...written, ...unwrittenSources(destination)] : written;
  }

  /** Pending deliveries without a row belong to leads a destination has not come to yet. */
  function unwrittenSources(destination: string | undefined): Source[] {
    const seq = taken.get(destination ?? null)?.seq as number | null;
    const from = seq === null ? null : (firstAfter.get(seq)?.id as string | null);
    return from === null ? [] : [{ ...everything, from }];
  }

  /** The ids between which leads of these dates, and from this source, lie; null when there are none. */
  function boundsOf({ since, until, source }: LeadFilter): { from: string; before: string } | null {
    if (since === undefined && until === undefined && source === undefined) return { from: "", before: newest };
    const found = source === undefined ? null : hoursOfSource.get(sourceOf(source));
    if (found?.first === null) return null;
    const first = Math.max(hourOf(since ?? 0), Number(found?.first ?? 0));
    const last = Math.min(hourOf(until ?? Number.MAX_SAFE_INTEGER), Number(found?.last ?? Number.MAX_SAFE_INTEGER));
    const bounds = hours.get(first, last);
    return bounds?.first ? { from: String(bounds.first), before: `${bounds.last}~` } : null;
  }

  /** A cursor through the leads to look at for a filter, of those older than `before`. */
  function open(filter: LeadFilter, before: string = newest): (size: number) => Look {
    const bounds = boundsOf(filter);
    if (!bounds) return () => ({ ids: [], to: null });
    const from = bounds.from;
    let cursor = before < bounds.before ? before : bounds.before;
    const sources = sourcesOf(filter).map((source) => ({
      lowest: source.from !== undefined && source.from > from ? source.from : from,
      values: source.values,
      next: db.prepare(
        `SELECT ${source.id} AS id FROM ${source.table} WHERE ${source.where} AND ${source.id} < ? AND ${source.id} >= ?
         ORDER BY ${source.id} DESC LIMIT ?`,
      ),
    }));
    return (size) => {
      const pages = sources.map(({ next, values, lowest }) =>
        next.all(...values, cursor, lowest, size).map((row) => String(row.id)),
      );
      // A full page may have more below it: what the others have there is for the next time.
      const ends = pages.filter((page) => page.length === size).map((page) => page.at(-1) ?? "");
      const to = ends.sort().at(-1) ?? null;
      cursor = to ?? cursor;
      const ids = [...new Set(pages.flat())].filter((id) => to === null || id >= to);
      return { ids: ids.sort().reverse(), to };
    };
  }

  return { open, destinationsIn };
}

export type Sources = ReturnType<typeof prepareSources>;
