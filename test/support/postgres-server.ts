import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../bench/support/processes.ts";
import { EmbeddedPostgres } from "./embedded-postgres.ts";

export type PostgresServer = {
  /** Of its database `postgres`, as its superuser. */
  url: string;
  folder: string;
  start(): Promise<void>;
  /** Ends all connections at once, as a restart by hand does. */
  stop(): Promise<void>;
  /** Kills it, as a power failure would. */
  kill(): Promise<void>;
  /** Stops it and removes its files. */
  remove(): Promise<void>;
};

/** Starts a real Postgres with files of its own. `flags`: more of the server's settings, such as `fsync=on`. */
export async function startPostgres(...flags: string[]): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), "leadkeep-postgres-"));
  // The user it runs as has to get in.
  chmodSync(folder, 0o755);
  const port = await freePort();
  const settings = ["fsync=off", "max_connections=200", "unix_socket_directories=", ...flags];
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, "data"),
    user: "leadkeep",
    password: "leadkeep",
    port,
    persistent: true,
    // Postgres does not run as root: there it takes the user `postgres`, whose the folder has to be.
    createPostgresUser: true,
    initdbFlags: ["--encoding=UTF8", "--locale=C", "--no-sync"],
    postgresFlags: settings.flatMap((setting) => ["-c", setting]),
    onLog: () => {},
    onError: () => {},
  });
  await server.initialise();
  await server.start();
  return {
    url: `postgres://leadkeep:leadkeep@127.0.0.1:${port}/postgres`,
    folder,
    start: () => server.start(),
    stop: () => server.stop(),
    async kill() {
      const { process: running } = server as unknown as { process?: import("node:child_process").ChildProcess };
      const ended = new Promise((resolve) => running?.once("exit", resolve));
      running?.kill("SIGQUIT");
      await ended;
      (server as unknown as { process?: undefined }).process = undefined;
    },
    async remove() {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
