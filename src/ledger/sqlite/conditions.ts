import type { SQLInputValue } from "node:sqlite";
import type { LeadFilter } from "../ledger.ts";

/** SQL, and the values for the question marks in it. */
type Fragment = { sql: string; values: SQLInputValue[] };

/** What a filter asks of a row of `leads`, as far as SQL can tell. Always true when it asks nothing. */
export function conditionsOf(filter: LeadFilter): Fragment {
  const given = [
    when(filter.form, "form = ?"),
    when(filter.state, "state = ?"),
    when(filter.since, "received_at >= ?"),
    when(filter.until, "received_at < ?"),
    when(filter.stage, "COALESCE((SELECT stage FROM lead_work WHERE lead_id = leads.id), 'new') = ?"),
    when(filter.assignee, "(SELECT assignee FROM lead_work WHERE lead_id = leads.id) = ?"),
    when(filter.person && JSON.stringify(filter.person), "person IN (SELECT value FROM json_each(?))"),
    deliveryCondition(filter),
  ].filter((one) => one !== null);
  return { sql: ["TRUE", ...given.map(({ sql }) => sql)].join(" AND "), values: given.flatMap(({ values }) => values) };
}

function when(value: SQLInputValue | undefined, sql: string): Fragment | null {
  return value === undefined ? null : { sql, values: [value] };
}

function deliveryCondition({ deliveryState, destination, reasonCode }: LeadFilter): Fragment | null {
  if (deliveryState === undefined && destination === undefined && reasonCode === undefined) return null;
  const state = deliveryState ?? null;
  const at = destination ?? null;
  const code = reasonCode ?? null;
  const written: Fragment = {
    sql: `EXISTS (SELECT 1 FROM deliveries
      WHERE lead_id = leads.id AND state = COALESCE(?, state) AND destination = COALESCE(?, destination)
        AND (? IS NULL OR reason_code = ?))`,
    values: [state, at, code, code],
  };
  if (reasonCode !== undefined || (deliveryState !== undefined && deliveryState !== "pending")) return written;
  // A planned delivery that has no row yet is pending.
  const unwritten: Fragment = {
    sql: `EXISTS (SELECT 1 FROM planned
      WHERE planned.plan = leads.plan AND planned.destination = COALESCE(?, planned.destination) AND NOT EXISTS (
        SELECT 1 FROM deliveries WHERE lead_id = leads.id AND destination = planned.destination AND tag = ''))`,
    values: [at],
  };
  return { sql: `(${written.sql} OR ${unwritten.sql})`, values: [...written.values, ...unwritten.values] };
}
