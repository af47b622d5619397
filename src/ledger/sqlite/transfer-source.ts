import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import { LeadkeepError } from "../../model/errors.ts";
import {
  type CarriedRow,
  type CarriedTable,
  type CarriedValue,
  carriedTables,
  columnsOf,
  keyOf,
} from "../carried-tables.ts";
import type { Cursor, Page, TransferSource } from "../transfer.ts";
import { schemaMoved } from "./migrate.ts";
import { openDatabase } from "./open-database.ts";
import { isBusy } from "./sqlite-error.ts";

/** What a pause by a transfer is called; such pauses are not carried over. */
const moving = "moving";
const patienceMs = 10_000;

/** Where a ledger file stands: never moved, held by a transfer (its id), or moved. */
export type Standing = { type: "free" } | { type: "held" | "moved"; id: string };

/** How an embedded ledger stands. Changes nothing. @throws {LeadkeepError} `no_ledger` */
export function standingOf(path: string): Standing {
  return looking(path, standingIn);
}

function standingIn(db: DatabaseSync): Standing {
  const isHeld = db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'moving'").get() !== undefined;
  const id = isHeld ? String(db.prepare("SELECT id FROM moving").get()?.id) : "";
  const isMoved = db.prepare("PRAGMA user_version").get()?.user_version === schemaMoved;
  return isMoved ? { type: "moved", id } : isHeld ? { type: "held", id } : { type: "free" };
}

/** How many rows a transfer would carry, table by table. Changes nothing. @throws {LeadkeepError} `no_ledger` */
export function countCarried(path: string): { table: string; rows: number }[] {
  return looking(path, (db) => {
    const tables = new Set(
      db
        .prepare("SELECT name FROM sqlite_schema")
        .all()
        .map(({ name }) => name),
    );
    return carriedTables
      .filter(({ name }) => tables.has(name))
      .map((table) => ({ table: table.name, rows: Number(db.prepare(countText(table)).get()?.n) }));
  });
}

function looking<T>(path: string, work: (db: DatabaseSync) => T): T {
  if (!existsSync(path)) throw new LeadkeepError("no_ledger", `There is no ledger at ${path} to move.`);
  const db = new DatabaseSync(path, { readOnly: true, timeout: patienceMs });
  try {
    return work(db);
  } finally {
    db.close();
  }
}

/**
 * Opens an embedded ledger to be moved. It is held by triggers, which hold for every process that has it open: one refuses that a
 * delivery be claimed, the others note each change.
 * @throws {LedgerUnavailable}, {MigrationFailed}
 */
export function openTransferSource(path: string, destinations: readonly string[]): TransferSource {
  const { db } = openDatabase(path, () => null);
  db.exec(`PRAGMA busy_timeout = ${patienceMs}`);
  const deliveries = carriedTables.find(({ name }) => name === "deliveries") as CarriedTable;

  function inTransaction<T>(work: () => T): T {
    db.exec("BEGIN IMMEDIATE");
    try {
      const result = work();
      db.exec("COMMIT");
      return result;
    } catch (error) {
      if (db.isTransaction) db.exec("ROLLBACK");
      throw error;
    }
  }

  const all = (text: string, values: readonly CarriedValue[] = []) =>
    db.prepare(text).all(...(values as SQLInputValue[])) as CarriedRow[];

  /** Lead by lead: those of a lead that have no row of their own are found by it. */
  function pageOfDeliveries(after: Cursor | null, limit: number): Page {
    const from = String(after?.[0] ?? "");
    const [last] = all("SELECT id FROM leads WHERE id > ? ORDER BY id LIMIT 1 OFFSET ?", [from, Math.ceil(limit / 4)]);
    const to = last ? String(last.id) : null;
    const within = (column: string) => `${column} > ?1 AND (?2 IS NULL OR ${column} <= ?2)`;
    const columns = columnsOf(deliveries);
    const rows = all(
      `SELECT ${columns.join(", ")} FROM deliveries WHERE ${within("lead_id")}
       UNION ALL ${planned(columns)} AND ${within("leads.id")}`,
      [from, to],
    );
    return { rows, next: to === null ? null : [to] };
  }

  return {
    hold: (now) =>
      inTransaction(() => {
        const standing = standingIn(db);
        if (standing.type !== "free") return standing.id;
        const id = randomUUID();
        db.exec("CREATE TABLE moving (id TEXT NOT NULL) STRICT");
        db.exec("CREATE TABLE moving_changes (n INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT, key TEXT) STRICT");
        db.prepare("INSERT INTO moving (id) VALUES (?)").run(id);
        for (const text of triggers()) db.exec(text);
        pauseAll(db, destinations, now);
        return id;
      }),
    underWay: (now) =>
      Number(
        db.prepare("SELECT COUNT(*) AS n FROM deliveries WHERE state = 'claimed' AND lease_until > ?").get(now)?.n,
      ),
    count: (table) => Number(db.prepare(countText(table)).get()?.n),
    page(table, after, limit) {
      if (table === deliveries) return pageOfDeliveries(after, limit);
      const { key } = table;
      const beyond = after ? `WHERE (${key.join(", ")}) > (${key.map(() => "?").join(", ")})` : "";
      const text = `SELECT * FROM (${allRows(table)}) ${beyond} ORDER BY ${key.join(", ")} LIMIT ?`;
      const rows = all(text, [...(after ?? []), limit]);
      const last = rows.at(-1);
      return { rows, next: last && rows.length === limit ? keyOf(table, last) : null };
    },
    rows: (table, keys) => {
      const text = `SELECT * FROM (${allRows(table)}) WHERE ${table.key.map((column) => `${column} = ?`).join(" AND ")}`;
      return keys.flatMap((key) => all(text, key));
    },
    deliveriesOf: (leads) =>
      leads.flatMap((lead) => all(`SELECT * FROM (${allRows(deliveries)}) WHERE lead_id = ?`, [lead])),
    changes: (limit) =>
      all("SELECT n, name, key FROM moving_changes ORDER BY n LIMIT ?", [limit]).map(({ n, name, key }) => ({
        n: Number(n),
        table: String(name),
        key: JSON.parse(String(key)) as CarriedValue[],
      })),
    forget: (upTo) => void db.prepare("DELETE FROM moving_changes WHERE n <= ?").run(upTo),
    seclude() {
      // A file leaves WAL mode only while nobody else has it open: https://www.sqlite.org/wal.html (read 2026-11).
      db.exec("PRAGMA busy_timeout = 0");
      try {
        const [mode] = all("PRAGMA journal_mode = DELETE");
        if (mode?.journal_mode !== "delete") return false;
        db.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT");
        return true;
      } catch (error) {
        if (!isBusy(error)) throw error;
        db.exec("PRAGMA locking_mode = NORMAL");
        return false;
      } finally {
        db.exec(`PRAGMA busy_timeout = ${patienceMs}`);
      }
    },
    seal: () =>
      inTransaction(() => {
        letGo(db);
        db.exec(`DROP TABLE moving_changes; PRAGMA user_version = ${schemaMoved}`);
      }),
    release: () =>
      inTransaction(() => {
        if (standingIn(db).type === "free") return;
        letGo(db);
        db.exec("DROP TABLE moving_changes; DROP TABLE moving");
      }),
    close: () => db.close(),
  };
}

/** All rows of a table as they are carried: deliveries with those that are only planned, pauses without the transfer's own. */
function allRows(table: CarriedTable): string {
  const columns = columnsOf(table);
  const { name } = table;
  if (name === "pauses") return `SELECT ${columns.join(", ")} FROM pauses WHERE reason_code <> '${moving}'`;
  const stored = `SELECT ${columns.join(", ")} FROM ${name}`;
  return name === "deliveries" ? `${stored} UNION ALL ${planned(columns)}` : stored;
}

/** Deliveries that have no row yet, as it would begin: see `newRow` in rows.ts. */
function planned(columns: readonly string[]): string {
  const values: Record<string, string> = {
    lead_id: "leads.id",
    destination: "planned.destination",
    tag: "''",
    kind: "planned.kind",
    purpose: "planned.purpose",
    state: "'pending'",
    due_at: "leads.received_at",
    person: "leads.person",
    ...Object.fromEntries(["retry", "tries", "attempts", "uncertain", "superseded"].map((zero) => [zero, "0"])),
  };
  return `SELECT ${columns.map((column) => `${values[column] ?? "NULL"} AS ${column}`).join(", ")}
    FROM leads JOIN planned ON planned.plan = leads.plan
    WHERE NOT EXISTS (
      SELECT 1 FROM deliveries WHERE lead_id = leads.id AND destination = planned.destination AND tag = '')`;
}

function countText(table: CarriedTable): string {
  return `SELECT COUNT(*) AS n FROM (${allRows(table)})`;
}

function triggers(): string[] {
  const refusals = ["INSERT", "UPDATE OF state"].map(
    (event, i) =>
      `CREATE TRIGGER moving_refuses_${i} BEFORE ${event} ON deliveries WHEN NEW.state = 'claimed'
         BEGIN SELECT RAISE(ABORT, 'this ledger is being moved, and delivers nothing meanwhile'); END`,
  );
  const notes = carriedTables.flatMap(({ name, key }) =>
    (["INSERT", "UPDATE", "DELETE"] as const).map((event) => {
      const row = event === "DELETE" ? "OLD" : "NEW";
      const values = key.map((column) => `${row}.${column}`).join(", ");
      return `CREATE TRIGGER moving_notes_${name}_${event.toLowerCase()} AFTER ${event} ON ${name}
        BEGIN INSERT INTO moving_changes (name, key) VALUES ('${name}', json_array(${values})); END`;
    }),
  );
  return [...refusals, ...notes];
}

/** A running gateway sees the pauses and asks no more; without them it would ask each second, and be refused. */
function pauseAll(db: DatabaseSync, destinations: readonly string[], now: number): void {
  const known = db.prepare("SELECT destination FROM planned UNION SELECT destination FROM deliveries").all();
  const insert = db.prepare(
    `INSERT INTO pauses (destination, since, paused_by, reason_code, reason_message)
     VALUES (?, ?, 'person', '${moving}', 'the ledger is being moved to Postgres') ON CONFLICT DO NOTHING`,
  );
  for (const id of new Set([...destinations, ...known.map(({ destination }) => String(destination))]))
    insert.run(id, now);
}

function letGo(db: DatabaseSync): void {
  const names = db
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger' AND name LIKE 'moving#_%' ESCAPE '#'")
    .all();
  for (const { name } of names) db.exec(`DROP TRIGGER "${String(name)}"`);
  db.prepare("DELETE FROM pauses WHERE reason_code = ?").run(moving);
}
