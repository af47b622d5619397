import { readFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { openPostgresLedger } from "../../src/ledger/postgres/postgres-ledger.ts";
import { startPostgres } from "../../test/support/postgres-server.ts";

/** A Postgres of its own for a row, as it comes but for what tests leave out: it flushes every commit to the disk. */
export type BenchPostgres = {
  pid: number;
  /** Makes a database in which the ledger's tables are; resolves to its address. */
  ledger(name: string): Promise<string>;
  /** Runs statements in a database. */
  run(url: string, ...statements: string[]): Promise<void>;
  remove(): Promise<void>;
};

/** Starts one. */
export async function aBenchPostgres(): Promise<BenchPostgres> {
  const server = await startPostgres("fsync=on", "shared_buffers=512MB", "max_wal_size=4GB");

  async function run(url: string, ...statements: string[]): Promise<void> {
    const client = new pg.Client(url);
    await client.connect();
    for (const statement of statements) await client.query(statement);
    await client.end();
  }

  return {
    pid: Number(readFileSync(join(server.folder, "data/postmaster.pid"), "utf8").split("\n")[0]),
    async ledger(name) {
      await run(server.url, `CREATE DATABASE ${name}`);
      const url = new URL(server.url);
      url.pathname = `/${name}`;
      await (await openPostgresLedger({ url: url.href })).close();
      return url.href;
    },
    run,
    remove: server.remove,
  };
}

/**
 * Statements that put so many deliveries into a ledger, three for each lead, that have been tried once and wait for the day
 * after tomorrow.
 */
export function futureDeliveries(count: number): string[] {
  const leads = Math.ceil(count / 3);
  const id = "'lead_01890000-0000-7000-8000-' || lpad(n::text, 12, '0')";
  const later = "(extract(epoch FROM now()) * 1000)::bigint + 172800000";
  return [
    "SET search_path TO leadkeep",
    `INSERT INTO leads (id, form, state, received_at, person, document)
     SELECT ${id}, 'contact', 'active', 1700000000000 + n, 'person_' || n,
       '{"message":"' || repeat('Please call me back. ', 15) || '"}' FROM generate_series(1, ${leads}) AS n`,
    `INSERT INTO deliveries (lead_id, destination, kind, purpose, state, retry, due_at, tries, attempts, first_try_at, person,
       reason_code, reason_message, reason_status)
     SELECT ${id}, kind, kind, 'enquiry', 'pending', 1, ${later} + n, 1, 1, 1700000000000 + n, 'person_' || n,
       'server_error', 'answered 503', 503
     FROM generate_series(1, ${leads}) AS n, unnest(ARRAY['zapier', 'make', 'webhook']) AS kind`,
    "VACUUM ANALYZE",
    "CHECKPOINT",
  ];
}
