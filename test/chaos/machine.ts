import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { startProxy, type TcpProxy } from "../support/tcp-proxy.ts";
import { until } from "../support/until.ts";

/** `leadkeep start` as a machine runs it: started again whenever it ends, with its own way to the database and its own clock. */
export type Machine = {
  name: string;
  url: string;
  /** What lies between it and the database. */
  proxy: TcpProxy;
  /** False while it is dead, starting or frozen. */
  isWell(): boolean;
  /** Resolves when it answers requests. */
  answers(): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** SIGSTOP, and SIGCONT after this time. */
  freeze(forMs: number): Promise<void>;
  /** Sets its clock to the next wrong time. */
  stepClock(): void;
  /** SIGTERM, and waits for the end. Null when it ended with 0; else how it did. */
  stop(): Promise<string | null>;
  /** Ends it for good. */
  close(): Promise<void>;
  /** Sentences about each time it ended though nobody told it to. */
  crashes: readonly string[];
  figures: {
    starts: number;
    /** Starts that came to nothing, because the database could not be reached. */
    refused: number;
    /** Late results that were not written, because the lease was lost. */
    fenced: number;
  };
};

export type MachineOptions = {
  name: string;
  /** Where it keeps its files. */
  folder: string;
  port: number;
  config: string;
  variables: Record<string, string>;
  database: string;
  /** How far its clock is ahead, before and after each step. */
  clockMs: readonly number[];
};

const entry = fileURLToPath(new URL("../../src/cli/leadkeep.ts", import.meta.url));
const wrongClock = new URL("wrong-clock.ts", import.meta.url).href;
/** A supervisor waits this long before it starts what has ended. */
const restartMs = 200;
const mostKept = 6_000;

/** Starts a machine. It may take a while until it answers. */
export async function startMachine(options: MachineOptions): Promise<Machine> {
  const { name, port, folder, config, variables, clockMs } = options;
  const database = new URL(options.database);
  const proxy = await startProxy(Number(database.port));
  database.port = String(proxy.port);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "leadkeep.config.mjs"), config);
  const url = `http://127.0.0.1:${port}`;
  const crashes: string[] = [];
  const figures = { starts: 0, refused: 0, fenced: 0 };
  let closed = false;
  let frozen = false;
  /** A kill or a stop is under way: it is meant to end. */
  let ending = false;
  let current = start();
  process.once("exit", () => current.child.kill("SIGKILL"));

  function start() {
    figures.starts += 1;
    const env = {
      ...variables,
      DATABASE_URL: database.href,
      LEADKEEP_DATA: join(folder, "data"),
      HOST: "127.0.0.1",
      PORT: String(port),
      CHAOS_CLOCK_MS: clockMs.join(","),
    };
    const child = spawn(process.execPath, ["--no-warnings", "--import", wrongClock, entry, "start"], {
      cwd: folder,
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const run = { child, printed: "", listens: false, ended: new Promise<number | NodeJS.Signals>(() => {}) };
    for (const output of [child.stdout, child.stderr]) {
      output.setEncoding("utf8").on("data", (text: string) => {
        run.printed = (run.printed + text).slice(-mostKept);
        run.listens ||= text.includes("listening on");
        figures.fenced += text.split("the lease was lost; another worker").length - 1;
      });
    }
    run.ended = new Promise((resolve) => child.once("close", (code, signal) => resolve(code ?? signal ?? 0)));
    run.ended.then((end) => ended(run, end));
    return run;
  }

  async function ended({ listens, printed }: { listens: boolean; printed: string }, end: number | NodeJS.Signals) {
    if (closed) return;
    if (!ending && listens) crashes.push(`${name} ended by itself with ${end}: ${printed.slice(-1_500)}`);
    if (!ending && !listens) figures.refused += 1;
    ending = false;
    await pause(restartMs);
    if (!closed) current = start();
  }

  async function end(signal: "SIGKILL" | "SIGTERM"): Promise<string | null> {
    const run = current;
    ending = true;
    run.child.kill(signal);
    const end = await run.ended;
    return end === 0 ? null : `${name} ended with ${end} when told to stop: ${run.printed.slice(-1_500)}`;
  }

  async function responds(): Promise<boolean> {
    const answer = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(1_000) }).catch(() => null);
    await answer?.body?.cancel();
    return answer?.ok === true;
  }

  return {
    name,
    url,
    proxy,
    crashes,
    figures,
    isWell: () => current.listens && current.child.exitCode === null && current.child.signalCode === null && !frozen,
    answers: async () => void (await until(responds, 60_000)),
    kill: async () => void (await end("SIGKILL")),
    async freeze(forMs) {
      const { child } = current;
      frozen = true;
      child.kill("SIGSTOP");
      await pause(forMs);
      frozen = false;
      child.kill("SIGCONT");
    },
    stepClock: () => void current.child.kill("SIGUSR2"),
    stop: () => end("SIGTERM"),
    async close() {
      closed = true;
      current.child.kill("SIGKILL");
      await current.ended;
      await proxy.close();
    },
  };
}
