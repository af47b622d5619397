import type { Transaction } from "./database.ts";

type Value = number | string;
type Merge = "sum" | "min" | "max";
type Table = { key: Record<string, SqlType>; values: Record<string, Merge> };
type SqlType = "bigint" | "text";

/** The tables of sums, and how a value joins the one that is there. */
const tables = {
  lead_tallies: { key: { hour: "bigint", form: "text", source: "text" }, values: { count: "sum" } },
  lead_hours: { key: { hour: "bigint" }, values: { first_id: "min", last_id: "max" } },
  lead_counts: { key: { form: "text", state: "text" }, values: { count: "sum", last_at: "max" } },
  attempt_tallies: {
    key: { hour: "bigint", destination: "text", outcome: "text", wait: "bigint" },
    values: { count: "sum", duration_ms: "sum" },
  },
  delivered_counts: { key: { destination: "text" }, values: { count: "sum", last_at: "max" } },
  changes: { key: { process: "text" }, values: { n: "sum" } },
} as const satisfies Record<string, Table>;
type Name = keyof typeof tables;
/** The same as lists, which are gone through for each lead. */
const shapes = Object.fromEntries(
  Object.entries<Table>(tables).map(([name, { key, values }]): [string, unknown] => [
    name,
    { keys: Object.keys(key), merges: Object.entries(values) },
  ]),
) as { [N in Name]: { keys: readonly string[]; merges: readonly [string, Merge][] } };
type Row<N extends Name> = Record<keyof (typeof tables)[N]["key"] | keyof (typeof tables)[N]["values"], Value>;

/** Rows of one table, by their key. */
type Collected = Map<string, Record<string, Value>>;

export type Sums = ReturnType<typeof createSums>;

/** Collects what a transaction adds to sums, so that many leads of one commit cost a handful of upserts. */
export function createSums() {
  const collected = new Map<Name, Collected>();

  return {
    add<N extends Name>(name: N, added: Row<N>): void {
      const rows = collected.get(name) ?? new Map<string, Record<string, Value>>();
      collected.set(name, rows);
      const { keys, merges } = shapes[name];
      const given = added as Record<string, Value>;
      // No text has a NUL in it.
      let place = "";
      for (const column of keys) place += `${given[column]}\0`;
      const row = rows.get(place);
      if (!row) {
        rows.set(place, { ...given });
        return;
      }
      for (const [column, merge] of merges) row[column] = join(merge, row[column] as Value, given[column] as Value);
    },

    /** Right before the commit: from here on other transactions on the same part wait. */
    write(tx: Pick<Transaction, "send">): void {
      if (collected.size === 0) return;
      const names = (Object.keys(tables) as Name[]).filter((name) => collected.has(name));
      const values = names.flatMap((name) => {
        // In the same order everywhere, so that two transactions never wait for each other.
        const sorted = [...(collected.get(name) ?? [])].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
        return columnNames(tables[name]).map((column) => sorted.map((row) => row[column]));
      });
      tx.send(upsertOf(names), values);
    },
  };
}

const merged: Record<Merge, (table: string, column: string) => string> = {
  sum: (table, column) => `${table}.${column} + excluded.${column}`,
  min: (table, column) => `LEAST(${table}.${column}, excluded.${column})`,
  max: (table, column) => `GREATEST(${table}.${column}, excluded.${column})`,
};

/** Texts by which tables they add to: few different ones are ever needed. */
const upserts = new Map<string, string>();

/** One statement for all of these tables. */
function upsertOf(names: readonly Name[]): string {
  const place = names.join();
  let text = upserts.get(place);
  if (text === undefined) {
    let given = 0;
    const parts = names.map((name) => {
      const first = given + 1;
      given += columnNames(tables[name]).length;
      return `${name}_added AS (${upsertInto(name, first)})`;
    });
    text = `WITH ${parts.join(", ")} SELECT`;
    upserts.set(place, text);
  }
  return text;
}

function columnNames({ key, values }: Table): string[] {
  return [...Object.keys(key), ...Object.keys(values)];
}

/** Each connection adds to one of sixteen parts of a sum, and need not wait for the others. */
function upsertInto(name: Name, firstParameter: number): string {
  const { key, values }: Table = tables[name];
  const columns = columnNames(tables[name]);
  const types = columns.map((column) => key[column] ?? (column.endsWith("_id") ? "text" : "bigint"));
  const given = types.map((type, i) => `$${firstParameter + i}::${type}[]`);
  const merges = Object.entries(values).map(([column, merge]) => `${column} = ${merged[merge](name, column)}`);
  return `INSERT INTO ${name} (part, ${columns.join(", ")})
    SELECT pg_backend_pid() % 16, * FROM unnest(${given.join(", ")})
    ON CONFLICT (${["part", ...Object.keys(key)].join(", ")}) DO UPDATE SET ${merges.join(", ")}`;
}

function join(merge: Merge, one: Value, other: Value): Value {
  if (merge === "sum") return Number(one) + Number(other);
  return one < other === (merge === "min") ? one : other;
}
