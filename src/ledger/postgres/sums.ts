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
      const { key, values } = tables[name] as Table;
      const given = added as Record<string, Value>;
      const place = JSON.stringify(Object.keys(key).map((column) => given[column]));
      const row = rows.get(place);
      if (!row) {
        rows.set(place, { ...given });
        return;
      }
      for (const [column, merge] of Object.entries(values)) {
        row[column] = join(merge, row[column] as Value, given[column] as Value);
      }
    },

    /** Right before the commit: from here on other transactions on the same part wait. */
    async write(tx: Transaction): Promise<void> {
      for (const name of Object.keys(tables) as Name[]) {
        const rows = collected.get(name);
        if (!rows) continue;
        // In the same order everywhere, so that two transactions never wait for each other.
        const sorted = [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
        const columns = Object.keys({ ...tables[name].key, ...tables[name].values });
        await tx.change(
          upserts[name],
          columns.map((column) => sorted.map((row) => row[column])),
        );
      }
    },
  };
}

const merged: Record<Merge, (table: string, column: string) => string> = {
  sum: (table, column) => `${table}.${column} + excluded.${column}`,
  min: (table, column) => `LEAST(${table}.${column}, excluded.${column})`,
  max: (table, column) => `GREATEST(${table}.${column}, excluded.${column})`,
};

const upserts = Object.fromEntries(
  Object.entries<Table>(tables).map(([name, { key, values }]) => [name, upsertOf(name, key, values)]),
) as Record<Name, string>;

/** Each connection adds to one of sixteen parts of a sum, and need not wait for the others. */
function upsertOf(name: string, key: Table["key"], values: Table["values"]): string {
  const columns = [...Object.keys(key), ...Object.keys(values)];
  const types = columns.map((column) => key[column] ?? (column.endsWith("_id") ? "text" : "bigint"));
  const given = types.map((type, i) => `$${i + 1}::${type}[]`);
  const merges = Object.entries(values).map(([column, merge]) => `${column} = ${merged[merge](name, column)}`);
  return `INSERT INTO ${name} (part, ${columns.join(", ")})
    SELECT pg_backend_pid() % 16, * FROM unnest(${given.join(", ")})
    ON CONFLICT (${["part", ...Object.keys(key)].join(", ")}) DO UPDATE SET ${merges.join(", ")}`;
}

function join(merge: Merge, one: Value, other: Value): Value {
  if (merge === "sum") return Number(one) + Number(other);
  return one < other === (merge === "min") ? one : other;
}
