import { aPostgresPlace, type PostgresPlace } from "./a-postgres.ts";

/** Where pg-boss's tables are for a ledger in this schema. */
export function jobsOf({ schema }: Pick<PostgresPlace, "schema">): string {
  return `${schema}_jobs`;
}

/** A place for ledgers on pg-boss, dropped by its user. `empty`: takes everything out of it, faster than making it anew. */
export async function anEnginePlace(): Promise<PostgresPlace & { empty(): Promise<void> }> {
  const place = await aPostgresPlace();
  return {
    ...place,
    async empty() {
      const { rows } = await place.query(
        `SELECT string_agg(format('%I.%I', schemaname, tablename), ', ') AS names FROM pg_tables
         WHERE schemaname = $1 AND tablename <> 'migrations' OR schemaname = $2 AND tablename IN ('job', 'queue')`,
        [place.schema, jobsOf(place)],
      );
      if (rows[0]?.names) await place.query(`TRUNCATE ${rows[0].names} CASCADE`);
    },
    async drop() {
      await place.query(`SET client_min_messages = error; DROP SCHEMA IF EXISTS ${jobsOf(place)} CASCADE`);
      await place.drop();
    },
  };
}
