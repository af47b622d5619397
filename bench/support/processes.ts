import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
/** The built program, as users run it. */
export const program = join(root, "dist/cli/leadkeep.js");

/** A child process that answers over HTTP, and how to end it. */
export type Running = { url: string; child: ChildProcess; stop(): Promise<void> };

/** What has been started and made and is still there: whoever fails on the way leaves it to `endAll`. */
const children = new Set<ChildProcess>();
const folders = new Set<string>();
process.once("exit", () => {
  for (const child of children) child.kill("SIGKILL");
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** From now on this child process does not outlive the run. */
export function track(child: ChildProcess): ChildProcess {
  children.add(child);
  child.once("exit", () => children.delete(child));
  return child;
}

/** Ends what a part of a run that failed has left running, so that the next parts have the machine to themselves. */
export async function endAll(): Promise<void> {
  await Promise.all([...children].map(end));
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}

/** Runs one of the scripts beside this file; it prints its URL once it listens. */
export async function startScript(name: string): Promise<Running> {
  const child = spawn(process.execPath, [fileURLToPath(new URL(name, import.meta.url))], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  track(child);
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  return { url: String(line).trim(), child, stop: () => end(child) };
}

/** A folder of its own for a gateway; removed by `remove`. */
export function aFolder(): { folder: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), "leadkeep-bench-"));
  folders.add(folder);
  return {
    folder,
    remove() {
      rmSync(folder, { recursive: true, force: true });
      folders.delete(folder);
    },
  };
}

export type GatewayOptions = { folder: string; variables: Record<string, string>; config?: string };

/** Starts the gateway as users do and resolves when it answers. */
export async function startGateway({ folder, variables, config }: GatewayOptions): Promise<Running> {
  const port = await freePort();
  if (config) writeFileSync(join(folder, "leadkeep.config.mjs"), config);
  const child = spawn(process.execPath, [program, "start"], {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      PORT: String(port),
      LEADKEEP_ALLOW_PRIVATE_NETWORK: "1",
      LEADKEEP_LOG_LEVEL: "warn",
      ...variables,
    },
    stdio: ["ignore", "inherit", "ignore"],
  });
  track(child);
  const url = `http://127.0.0.1:${port}`;
  await untilAnswers(`${url}/healthz`);
  return { url, child, stop: () => end(child) };
}

async function untilAnswers(url: string): Promise<void> {
  for (let i = 0; i < 2_000; i++) {
    const ok = await fetch(url).then(
      (response) => response.ok,
      () => false,
    );
    if (ok) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`${url} does not answer`);
}

/** Runs a command of the program in a gateway's folder. */
export async function command(folder: string, variables: Record<string, string>, ...args: string[]): Promise<void> {
  const child = spawn(process.execPath, [program, ...args], {
    cwd: folder,
    env: { PATH: process.env.PATH, ...variables },
    stdio: "ignore",
  });
  const [code] = await once(child, "exit");
  if (code !== 0) throw new Error(`leadkeep ${args.join(" ")} ended with ${code}`);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGTERM");
  await exited;
}
