import type { LeadFilter } from "../ledger.ts";

/** SQL with a question mark for each value. */
export type Fragment = { sql: string; values: unknown[] };

/** What a filter asks of a row of `leads`, as far as SQL can tell. Always true when it asks nothing. */
export function conditionsOf(filter: LeadFilter): Fragment {
  const given = [
    when(filter.form, "form = ?"),
    when(filter.state, "state = ?"),
    when(filter.since, "received_at >= ?"),
    when(filter.until, "received_at < ?"),
    when(filter.stage, "COALESCE((SELECT stage FROM lead_work WHERE lead_id = leads.id), 'new') = ?"),
    when(filter.assignee, "(SELECT assignee FROM lead_work WHERE lead_id = leads.id) = ?"),
    when(filter.person, "person = ANY (?)"),
    deliveryCondition(filter),
  ].filter((one) => one !== null);
  return { sql: ["TRUE", ...given.map(({ sql }) => sql)].join(" AND "), values: given.flatMap(({ values }) => values) };
}

/** The same with the numbers Postgres wants in place of the question marks. */
export function numbered(sql: string): string {
  let n = 0;
  return sql.replaceAll("?", () => `$${++n}`);
}

function when(value: unknown, sql: string): Fragment | null {
  return value === undefined ? null : { sql, values: [value] };
}

function deliveryCondition({ deliveryState, destination, reasonCode }: LeadFilter): Fragment | null {
  const asked = [
    when(deliveryState, "deliveries.state = ?"),
    when(destination, "deliveries.destination = ?"),
    when(reasonCode, "deliveries.reason_code = ?"),
  ].filter((one) => one !== null);
  if (asked.length === 0) return null;
  const conditions = ["lead_id = leads.id", ...asked.map(({ sql }) => sql)].join(" AND ");
  return {
    sql: `EXISTS (SELECT 1 FROM deliveries WHERE ${conditions})`,
    values: asked.flatMap(({ values }) => values),
  };
}
