import pg from "pg";
import { inject, onTestFinished } from "vitest";

/** A place of its own for one ledger in the Postgres that all tests of a run share. */
export type PostgresPlace = {
  url: string;
  /** Not made yet. */
  schema: string;
  /** Runs a statement there, past any ledger. */
  query(text: string, values?: unknown[]): Promise<pg.QueryResult>;
  drop(): Promise<void>;
};

let made = 0;

/** An empty place, dropped by its user. */
export async function aPostgresPlace(): Promise<PostgresPlace> {
  const url = await sharedPostgres();
  const schema = `test_${process.pid}_${++made}`;
  const pool = new pg.Pool({ connectionString: url, max: 1, options: `-c search_path=${schema}` });
  pool.on("error", () => {});
  return {
    url,
    schema,
    query: (text, values) => pool.query(text, values),
    async drop() {
      await pool.query(`SET client_min_messages = error; DROP SCHEMA IF EXISTS ${schema}, ${schema}_keys CASCADE`);
      await pool.end();
    },
  };
}

/** An empty place, dropped when the test is over. */
export async function aPostgres(): Promise<PostgresPlace> {
  const place = await aPostgresPlace();
  onTestFinished(() => place.drop());
  return place;
}

/** The URL of the Postgres all tests share; it is started when it does not run yet. */
async function sharedPostgres(): Promise<string> {
  const response = await fetch(inject("postgresDoor"));
  const answer = await response.text();
  if (!response.ok) throw new Error(answer);
  return answer;
}
