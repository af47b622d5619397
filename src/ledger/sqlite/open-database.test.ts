import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, onTestFinished, test } from "vitest";
import { startNode } from "../../../test/support/node-process.ts";
import { aConnection, aFolder } from "../../../test/support/sqlite-file.ts";
import { LedgerUnavailable, MigrationFailed } from "../../model/errors.ts";
import { migrate } from "./migrate.ts";
import { openSqliteLedger } from "./sqlite-ledger.ts";

const migrations = readdirSync(new URL("./migrations/", import.meta.url))
  .filter((name) => name.endsWith(".sql"))
  .sort();
/** The schema's number once all of them are done. */
const newest = migrations.length;

function aPath(): string {
  return join(aFolder(), "leadkeep.db");
}

/** A file that was a ledger and is closed. */
async function aClosedLedger(): Promise<string> {
  const path = aPath();
  await openSqliteLedger({ path }).close();
  return path;
}

function sqlOf(schema: number): string {
  return readFileSync(new URL(`./migrations/${migrations[schema - 1]}`, import.meta.url), "utf8");
}

/** How many transactions bring a file up to date. */
function commitsOf(path: string): number {
  let commits = 0;
  class CountingDatabase extends DatabaseSync {
    override exec(sql: string): void {
      if (sql === "COMMIT") commits += 1;
      super.exec(sql);
    }
  }
  const db = new CountingDatabase(path);
  onTestFinished(() => db.close());
  migrate(db, path);
  return commits;
}

/** What opening fails with; it has to name the path. */
function refusalOf(path: string): Error {
  try {
    openSqliteLedger({ path });
  } catch (error) {
    if (error instanceof Error && error.message.includes(path)) return error;
    throw error;
  }
  throw new Error("it was opened");
}

describe("opening a ledger", () => {
  test("makes its folder, readable by this user only", async () => {
    const folder = join(aFolder(), "deep", "data");
    await openSqliteLedger({ path: join(folder, "leadkeep.db") }).close();
    expect(statSync(folder).mode & 0o777).toBe(0o700);
  });

  test("a file that is not a database is refused and left as it was", () => {
    const path = aPath();
    writeFileSync(path, "name,email\n".repeat(1_000));
    const error = refusalOf(path);
    expect(error).toBeInstanceOf(LedgerUnavailable);
    expect(error.message).toContain("not a SQLite database");
    expect(readFileSync(path, "utf8")).toBe("name,email\n".repeat(1_000));
  });

  test("a damaged file is refused with what to do", async () => {
    const path = await aClosedLedger();
    const bytes = readFileSync(path);
    writeFileSync(path, bytes.fill(0x5a, 100, 8_192));
    const error = refusalOf(path);
    expect(error).toBeInstanceOf(LedgerUnavailable);
    expect(error.message).toContain("damaged");
    expect(error.message).toContain("Restore a backup");
  });

  test("a database with our number but not our tables is refused", () => {
    const path = aPath();
    aConnection(path).exec(`CREATE TABLE other (x); PRAGMA user_version = ${newest}`);
    expect(refusalOf(path)).toBeInstanceOf(LedgerUnavailable);
  });

  test("a folder that cannot be made is refused with what to do", () => {
    const file = join(aFolder(), "file");
    writeFileSync(file, "");
    const error = refusalOf(join(file, "data", "leadkeep.db"));
    expect(error).toBeInstanceOf(LedgerUnavailable);
    expect(error.message).toContain("LEADKEEP_DATA");
  });

  test("a folder where the file belongs is refused with what to do", () => {
    const path = aPath();
    mkdirSync(path);
    const error = refusalOf(path);
    expect(error).toBeInstanceOf(LedgerUnavailable);
    expect(error.message).toContain("cannot be opened");
  });

  test("a newer schema is refused and left as it was", async () => {
    const path = await aClosedLedger();
    aConnection(path).exec("PRAGMA user_version = 99");
    const error = refusalOf(path);
    expect(error).toBeInstanceOf(MigrationFailed);
    expect(error.message).toContain("schema 99");
    expect(aConnection(path).prepare("PRAGMA user_version").get()).toEqual({ user_version: 99 });
  });

  test("a current ledger opens while another process holds the write lock", async () => {
    const path = await aClosedLedger();
    const other = aConnection(path);
    other.exec("BEGIN IMMEDIATE");
    const ledger = openSqliteLedger({ path });
    other.exec("COMMIT");
    await ledger.checkWritable();
    await ledger.close();
  });

  test("one overtaken between looking at the schema and locking it leaves the other's work alone", () => {
    const path = aPath();
    const other = aConnection(path);
    class OvertakenDatabase extends DatabaseSync {
      override exec(sql: string): void {
        if (sql === "BEGIN IMMEDIATE") migrate(other, path);
        super.exec(sql);
      }
    }
    const overtaken = new OvertakenDatabase(path);
    onTestFinished(() => overtaken.close());
    migrate(overtaken, path);
    expect(overtaken.prepare("PRAGMA user_version").get()).toEqual({ user_version: newest });
  });

  test("a fresh one is made in one commit, an older one brought up in one for each step", () => {
    expect(commitsOf(aPath())).toBe(1);
    const older = aPath();
    const db = aConnection(older);
    db.exec(sqlOf(1));
    db.exec("PRAGMA user_version = 1");
    expect(commitsOf(older)).toBe(newest - 1);
  });

  test("one interrupted while it was made has nothing in it, and the next start makes it whole", () => {
    const path = aPath();
    class InterruptedDatabase extends DatabaseSync {
      override exec(sql: string): void {
        if (sql === sqlOf(newest)) throw new Error("interrupted");
        super.exec(sql);
      }
    }
    const interrupted = new InterruptedDatabase(path);
    onTestFinished(() => interrupted.close());
    expect(() => migrate(interrupted, path)).toThrow(new RegExp(`schema ${newest} \\(${migrations.at(-1)}\\)`));
    const next = aConnection(path);
    expect(next.prepare("SELECT count(*) AS tables FROM sqlite_schema").get()).toEqual({ tables: 0 });
    migrate(next, path);
    expect(next.prepare("PRAGMA user_version").get()).toEqual({ user_version: newest });
  });

  test("ten processes that open a fresh one at once all succeed", { timeout: 120_000 }, async () => {
    const path = aPath();
    const module = new URL("./sqlite-ledger.ts", import.meta.url).href;
    const code = `
      import { once } from "node:events";
      const { openSqliteLedger } = await import(${JSON.stringify(module)});
      console.log("ready");
      await once(process.stdin, "data");
      const ledger = openSqliteLedger({ path: ${JSON.stringify(path)} });
      await ledger.checkWritable();
      await ledger.close();
      process.exit(0);`;
    const processes = Array.from({ length: 10 }, () => startNode(code));
    await Promise.all(processes.map((each) => each.printed(1)));
    for (const each of processes) each.tell("go");
    expect(await Promise.all(processes.map((each) => each.exited))).toEqual(Array(10).fill(0));
    expect(aConnection(path).prepare("PRAGMA user_version").get()).toEqual({ user_version: newest });
  });
});
