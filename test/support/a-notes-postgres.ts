import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { freePort } from "../../bench/support/processes.ts";
import type { RunStatement } from "../../src/ledger/postgres/together.ts";
import { EmbeddedPostgres } from "./embedded-postgres.ts";

/** A Postgres that has nothing but the notes machines share. */
export async function aNotesPostgres(): Promise<{ run: RunStatement; pool: pg.Pool; stop(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), "leadkeep-postgres-"));
  // The user it runs as has to get in.
  chmodSync(folder, 0o755);
  const port = await freePort();
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, "data"),
    user: "leadkeep",
    password: "leadkeep",
    port,
    persistent: false,
    // Postgres does not run as root: there it takes the user `postgres`, whose the folder has to be.
    createPostgresUser: true,
    onLog: () => {},
    onError: () => {},
  });
  await server.initialise();
  await server.start();
  const pool = new pg.Pool({ host: "127.0.0.1", port, user: "leadkeep", password: "leadkeep", database: "postgres" });
  // Connections that are not used notice the end of the server.
  pool.on("error", () => {});
  const migration = new URL("../../src/ledger/postgres/migrations/0100-together.sql", import.meta.url);
  await pool.query(readFileSync(migration, "utf8"));
  return {
    pool,
    run: (text, values) => pool.query(text, values),
    async stop() {
      await pool.end();
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
