import pg from "pg";
import { aPostgresPlace } from "./a-postgres.ts";

/** A database of its own in the Postgres all tests share: for what uses the schema gateways use, or looks at who is connected. */
export type Database = {
  url: string;
  query(text: string, values?: unknown[]): Promise<Record<string, unknown>[]>;
  drop(): Promise<void>;
};

let made = 0;

/** An empty database, dropped by its user. */
export async function aDatabase(): Promise<Database> {
  const place = await aPostgresPlace();
  const name = `test_${process.pid}_${++made}`;
  await place.query(`CREATE DATABASE ${name}`);
  const url = new URL(place.url);
  url.pathname = `/${name}`;
  const pool = new pg.Pool({ connectionString: url.href, max: 1, options: "-c search_path=leadkeep" });
  pool.on("error", () => {});
  return {
    url: url.href,
    query: async (text, values) => (await pool.query(text, values)).rows,
    async drop() {
      await pool.end();
      await place.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
      await place.drop();
    },
  };
}
