import type { DatabaseSync } from "node:sqlite";

type Value = number | string;
type Merge = "sum" | "min" | "max";

/**
 * Sums that belong to a table's rows, collected in memory and added to them at once, so that many writes of one commit cost
 * a handful of upserts. `columns` says how a value joins the one that is there.
 */
export function prepareSums<Key extends string, Column extends string>(
  db: DatabaseSync,
  table: string,
  key: readonly Key[],
  columns: Record<Column, Merge>,
) {
  const merges = Object.entries(columns) as [Column, Merge][];
  const names = [...key, ...merges.map(([name]) => name)];
  const upsert = db.prepare(
    `INSERT INTO ${table} (${names.join(", ")}) VALUES (${names.map(() => "?").join(", ")})
     ON CONFLICT (${key.join(", ")}) DO UPDATE SET ${merges.map(([name, merge]) => `${name} = ${merged[merge](name)}`).join(", ")}`,
  );
  const collected = new Map<string, { key: Value[]; values: Value[] }>();

  return {
    add(keys: Record<Key, Value>, added: Record<Column, Value>): void {
      const own = key.map((name) => keys[name]);
      const place = own.join("\n");
      const row = collected.get(place);
      if (!row) {
        collected.set(place, { key: own, values: merges.map(([name]) => added[name]) });
        return;
      }
      for (const [i, [name, merge]] of merges.entries()) {
        row.values[i] = join(merge, row.values[i] as Value, added[name]);
      }
    },
    /** Inside the transaction of the writes they belong to. */
    write(): void {
      for (const row of collected.values()) upsert.run(...row.key, ...row.values);
      collected.clear();
    },
    /** The transaction was undone. */
    forget: () => collected.clear(),
  };
}

/** What a column becomes in SQL. */
const merged: Record<Merge, (name: string) => string> = {
  sum: (name) => `${name} + excluded.${name}`,
  min: (name) => `MIN(${name}, excluded.${name})`,
  max: (name) => `MAX(${name}, excluded.${name})`,
};

function join(merge: Merge, one: Value, other: Value): Value {
  if (merge === "sum") return Number(one) + Number(other);
  return one < other === (merge === "min") ? one : other;
}
