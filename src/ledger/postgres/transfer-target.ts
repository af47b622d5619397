import { LeadkeepError, MigrationFailed } from "../../model/errors.ts";
import {
  type CarriedRow,
  type CarriedTable,
  type CarriedValue,
  carriedTables,
  columnsOf,
  keyOf,
} from "../carried-tables.ts";
import type { Cursor, TransferTarget } from "../transfer.ts";
import { connectDatabase, type Database, type Transaction } from "./database.ts";
import { migrate } from "./migrate.ts";

type TransferState = "under way" | "verified" | "done";

/** Looks, without changing anything, whether a ledger could be moved there. @throws {LeadkeepError} `not_empty`, {LedgerUnavailable} */
export async function lookAtTarget(url: string, schema: string): Promise<void> {
  const db = connectDatabase({ url, schema, poolSize: 1 });
  try {
    await db.read(async (tx) => {
      const [found] = await tx.query("SELECT to_regclass('leads') IS NOT NULL AS is_there");
      if (found?.is_there && (await holdsLeads(tx))) throw notEmpty(db.place);
    });
  } finally {
    await db.close();
  }
}

/**
 * Opens the Postgres a ledger is moved to, its schema up to date.
 * @throws {LedgerUnavailable}, {MigrationFailed}
 */
export async function openTransferTarget(url: string, schema: string): Promise<TransferTarget & Ends> {
  const db = connectDatabase({ url, schema, poolSize: 1 });
  try {
    await migrate(db);
    return targetOn(db, await typesIn(db));
  } catch (error) {
    await db.close();
    throw error;
  }
}

type Ends = {
  /** Null when this transfer is not known here. */
  state(id: string): Promise<TransferState | null>;
  /** Takes away everything a transfer has brought, unless it is done. */
  abandon(id: string): Promise<void>;
  close(): Promise<void>;
};

/** Each column's type, by `table.column`. */
type Types = ReadonlyMap<string, string>;

function targetOn(db: Database, types: Types): TransferTarget & Ends {
  let transferId = "";
  const setState = (state: TransferState) =>
    db.write(
      async (tx) => void (await tx.change("UPDATE transfers SET state = $2 WHERE id = $1", [transferId, state])),
    );

  return {
    async begin(id) {
      transferId = id;
      await db.write(async (tx) => {
        // Nobody writes between the look and the note.
        await tx.query("LOCK TABLE leads IN SHARE ROW EXCLUSIVE MODE");
        const [known] = await tx.query("SELECT 1 FROM transfers WHERE id = $1", [id]);
        if (known) return;
        if (await holdsLeads(tx)) throw notEmpty(db.place);
        const [other] = await tx.query(
          `SELECT 1 FROM pg_stat_activity
           WHERE datname = current_database() AND application_name = 'leadkeep' AND pid <> pg_backend_pid()`,
        );
        if (other) {
          throw new MigrationFailed(`A Leadkeep works on ${db.place} just now. Stop it, and begin again.`);
        }
        for (const table of carriedTables) await tx.queryOnce(`DELETE FROM ${table.name}`);
        await tx.change("INSERT INTO transfers (id, state, cursors) VALUES ($1, 'under way', '{}')", [id]);
      });
    },
    cursor: (table) =>
      db.read(async (tx) => {
        const [found] = await tx.query("SELECT cursors FROM transfers WHERE id = $1", [transferId]);
        return (JSON.parse(String(found?.cursors)) as Record<string, CarriedValue[] | "done">)[table.name] ?? null;
      }),
    put: (table, rows, cursor) =>
      db.write(
        async (tx) => {
          await put(tx, table, rows, types);
          await note(tx, transferId, table, cursor);
        },
        { long: true },
      ),
    change: ({ put: written, remove, leads, deliveries }) =>
      db.write(
        async (tx) => {
          if (leads.length > 0) await tx.change("DELETE FROM deliveries WHERE lead_id = ANY($1)", [leads]);
          for (const { table, keys } of remove) await drop(tx, table, keys, types);
          for (const { table, rows } of written) await put(tx, table, rows, types);
          const [table] = carriedTables.filter(({ name }) => name === "deliveries");
          if (table) await put(tx, table, deliveries, types);
        },
        { long: true },
      ),
    page: (table, after, limit) =>
      db.read(
        async (tx) => {
          const { key } = table;
          const beyond = after ? `WHERE (${key.join(", ")}) > (${key.map((_, i) => `$${i + 2}`).join(", ")})` : "";
          const text = `SELECT ${columnsOf(table).join(", ")} FROM ${table.name} ${beyond} ORDER BY ${key.join(", ")} LIMIT $1`;
          const rows = (await tx.queryOnce<Record<string, unknown>>(text, [limit, ...(after ?? [])])).map(asCarried);
          const last = rows.at(-1);
          return { rows, next: last && rows.length === limit ? keyOf(table, last) : null };
        },
        { long: true },
      ),
    verified: () => setState("verified"),
    async done() {
      await db.write(async (tx) => {
        // Numbers go on after those that came over.
        for (const [table, column] of [
          ["acts", "seq"],
          ["status_marks", "mark"],
        ]) {
          await tx.queryOnce(
            `SELECT setval(pg_get_serial_sequence('${table}', '${column}'), (SELECT max(${column}) FROM ${table}))`,
          );
        }
      });
      await setState("done");
      for (const { name } of carriedTables) await db.runAlone(`ANALYZE "${db.schema}".${name}`);
    },
    async state(id) {
      transferId = id;
      const [found] = await db.read((tx) => tx.query("SELECT state FROM transfers WHERE id = $1", [id]));
      return (found?.state as TransferState | undefined) ?? null;
    },
    abandon: (id) =>
      db.write(
        async (tx) => {
          const gone = await tx.change("DELETE FROM transfers WHERE id = $1 AND state <> 'done'", [id]);
          if (gone > 0) await tx.queryOnce(`TRUNCATE ${carriedTables.map(({ name }) => name).join(", ")}`);
        },
        { long: true },
      ),
    close: db.close,
  };
}

async function put(tx: Transaction, table: CarriedTable, rows: readonly CarriedRow[], types: Types): Promise<void> {
  if (rows.length === 0) return;
  const { name, key, rest, inParts } = table;
  const columns = columnsOf(table);
  const given = columns.map((column, i) => `$${i + 1}::${arrayType(types, name, column)}`);
  const part = inParts ? { column: ", part", value: ", 0" } : { column: "", value: "" };
  await tx.change(
    `INSERT INTO ${name} (${columns.join(", ")}${part.column})
     SELECT *${part.value} FROM unnest(${given.join(", ")})
     ON CONFLICT (${key.join(", ")}${part.column}) DO UPDATE SET ${rest.map((one) => `${one} = excluded.${one}`).join(", ")}`,
    columns.map((column) => rows.map((row) => row[column] ?? null)),
  );
}

async function drop(
  tx: Transaction,
  { name, key }: CarriedTable,
  keys: readonly (readonly CarriedValue[])[],
  types: Types,
): Promise<void> {
  if (keys.length === 0) return;
  const given = key.map((column, i) => `$${i + 1}::${arrayType(types, name, column)}`);
  await tx.change(
    `DELETE FROM ${name} WHERE (${key.join(", ")}) IN (SELECT * FROM unnest(${given.join(", ")}))`,
    key.map((_, i) => keys.map((one) => one[i] ?? null)),
  );
}

async function note(tx: Transaction, id: string, { name }: CarriedTable, cursor: Cursor | "done"): Promise<void> {
  await tx.change(
    "UPDATE transfers SET cursors = (cursors::jsonb || jsonb_build_object($2::text, $3::jsonb))::text WHERE id = $1",
    [id, name, JSON.stringify(cursor)],
  );
}

/** @throws when the tables here are not those that are carried: another schema than this program's */
async function typesIn(db: Database): Promise<Types> {
  const rows = await db.read((tx) =>
    tx.query("SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = $1", [
      db.schema,
    ]),
  );
  const types = new Map(rows.map((row) => [`${row.table_name}.${row.column_name}`, String(row.data_type)]));
  for (const table of carriedTables) for (const column of columnsOf(table)) arrayType(types, table.name, column);
  return types;
}

function arrayType(types: Types, table: string, column: string): string {
  const type = types.get(`${table}.${column}`);
  if (type === undefined) throw new Error(`the ledger in Postgres has no ${table}.${column}`);
  return `${type}[]`;
}

/** SQLite has no booleans: there it is 0 or 1. */
function asCarried(row: Record<string, unknown>): CarriedRow {
  return Object.fromEntries(
    Object.entries(row).map(([column, value]) => [column, typeof value === "boolean" ? Number(value) : value]),
  ) as CarriedRow;
}

async function holdsLeads(tx: Transaction): Promise<boolean> {
  return (await tx.query("SELECT 1 FROM leads UNION ALL SELECT 1 FROM people LIMIT 1")).length > 0;
}

function notEmpty(place: string): LeadkeepError {
  return new LeadkeepError(
    "not_empty",
    `There are leads or people in ${place} already. A ledger is moved into an empty one only.`,
  );
}
