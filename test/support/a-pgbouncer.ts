import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../bench/support/processes.ts";

/** PgBouncer as a distribution installs it; null where it is not there. */
export const pgbouncer = ["/usr/sbin/pgbouncer", "/usr/bin/pgbouncer"].find(existsSync) ?? null;

export type Pooler = { url: string; stop(): Promise<void> };

/** Starts a PgBouncer in transaction mode in front of a Postgres. `url`: of the Postgres, with user and password. */
export async function startPgBouncer(program: string, url: string): Promise<Pooler> {
  const { hostname, port, username, password } = new URL(url);
  const folder = mkdtempSync(join(tmpdir(), "leadkeep-pgbouncer-"));
  const own = await freePort();
  const users = join(folder, "users.txt");
  const settings = join(folder, "pgbouncer.ini");
  writeFileSync(users, `"${username}" "${password}"\n`);
  writeFileSync(
    settings,
    `[databases]
* = host=${hostname} port=${port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${own}
unix_socket_dir =
auth_type = plain
auth_file = ${users}
pool_mode = transaction
default_pool_size = 10
max_client_conn = 200
`,
  );
  // It does not run as root: there it takes the user the tests' Postgres takes.
  chmodSync(folder, 0o755);
  const user = process.getuid?.() === 0 ? ["-u", "postgres"] : [];
  const running = spawn(program, [...user, settings], { stdio: "ignore" });
  await untilOpen(own, running);
  const pooled = new URL(url);
  pooled.port = String(own);
  return {
    url: pooled.href,
    async stop() {
      const ended = new Promise((resolve) => running.once("exit", resolve));
      running.kill("SIGKILL");
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function untilOpen(port: number, running: ChildProcess): Promise<void> {
  for (let i = 0; i < 100 && running.exitCode === null; i++) {
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = connect(port, "127.0.0.1");
      socket.on("connect", () => resolve(true)).on("error", () => resolve(false));
      socket.on("connect", () => socket.destroy());
    });
    if (isOpen) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`PgBouncer did not start (exit code ${running.exitCode})`);
}
