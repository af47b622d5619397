import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort, program } from "../../support/processes.ts";
import type { Installed } from "./install.ts";

/** Something a site owner would put behind a form. */
export type Candidate = {
  name: string;
  label: string;
  /** What it talks to: `postgres` needs a database of its own for each run. */
  needs?: "postgres" | "mail";
  /** When what it was answered 2xx for is safe. */
  keeps: string;
  /** The path submissions are posted to. */
  path: string;
  /** The program's arguments for Node, and its environment but for PORT. */
  command(place: Place): { args: string[]; env: Record<string, string> };
};

/** Where one run of a candidate takes place; it can be started there again. */
export type Place = { folder: string; port: number; sink: string; database: string };

const timeout = "5s";
const schedule = "1s,2s,4s,8s,16s,16s,16s";

function leadkeep(name: string, label: string, extra: Pick<Candidate, "needs" | "keeps">): Candidate {
  return {
    name,
    label,
    ...extra,
    path: "/f/contact",
    command: ({ folder, sink, database }) => {
      const index = new URL("../../../dist/index.js", import.meta.url).href;
      writeFileSync(
        join(folder, "leadkeep.config.mjs"),
        `import { defineConfig, webhook } from ${JSON.stringify(index)};
export default defineConfig({
  destinations: { webhook: webhook({ url: ${JSON.stringify(sink)}, concurrency: 32, basis: "contract" }) },
});`,
      );
      const env = {
        LEADKEEP_ALLOW_PRIVATE_NETWORK: "1",
        LEADKEEP_ALERT_EMAIL: "none",
        LEADKEEP_LOG_LEVEL: "silent",
        LEADKEEP_TIMEOUT: timeout,
        LEADKEEP_SCHEDULE: schedule,
        LEADKEEP_SECRET: "the-same-on-every-machine-and-start",
        ...(extra.needs === "postgres" ? { DATABASE_URL: database } : {}),
      };
      return { args: [program, "start"], env };
    },
  };
}

export const ours = leadkeep("leadkeep", "Leadkeep, SQLite", {
  keeps: "flushed to disk (synchronous=FULL), lead and delivery in one commit",
});
export const oursOnPostgres = leadkeep("leadkeep-postgres", "Leadkeep, Postgres", {
  needs: "postgres",
  keeps: "flushed to disk by Postgres, lead and delivery in one commit",
});

/** The peers that could be installed. */
export function peersIn({ folder, missing }: Installed): Candidate[] {
  const peer = (name: string, label: string, keeps: string, needs?: Candidate["needs"]): Candidate => ({
    name,
    label,
    keeps,
    ...(needs ? { needs } : {}),
    path: "/",
    command: ({ folder: data, sink, database }) => ({
      args: [join(folder, `${name}.ts`)],
      env: { DATA: data, SINK_URL: sink, SMTP_URL: sink, DATABASE_URL: database },
    }),
  });
  const all = [
    peer("unawaited-fetch", "Express, fetch not awaited", "never: in memory only"),
    peer("p-queue", "Express, p-queue", "never: in memory only"),
    peer("nodemailer", "Express, nodemailer", "with the mail server, for which the visitor waits", "mail"),
    peer("better-queue", "better-queue, SQLite", "handed to the store, written soon, never flushed (synchronous=OFF)"),
    peer(
      "plainjob",
      "plainjob, SQLite",
      "committed, not flushed (synchronous=NORMAL): outlives a kill, not a power failure",
    ),
    peer("pg-boss", "pg-boss, Postgres", "flushed to disk by Postgres", "postgres"),
  ];
  return all.filter(({ name }) => name !== "better-queue" || !missing.has("sqlite3"));
}

/** A candidate at work. */
export type Started = { url: string; pid: number; kill(): Promise<void> };

/** Starts it and resolves when it answers. */
export async function startCandidate(candidate: Candidate, place: Place): Promise<Started> {
  mkdirSync(place.folder, { recursive: true });
  const { args, env } = candidate.command(place);
  const { PATH = "" } = process.env;
  const child = spawn(process.execPath, ["--no-warnings", ...args], {
    cwd: place.folder,
    env: { PATH, NODE_ENV: "production", PORT: String(place.port), ...env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said = (said + text).slice(-1_000);
  });
  const url = `http://127.0.0.1:${place.port}${candidate.path}`;
  for (let i = 0; !(await answers(url)); i++) {
    if (child.exitCode !== null || i > 3_000) throw new Error(`${candidate.label} does not answer: ${said}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return {
    url,
    pid: child.pid ?? 0,
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, "exit");
      child.kill("SIGKILL");
      await exited;
    },
  };
}

/** A place for a first start. */
export async function aPlace(folder: string, sink: string, database = ""): Promise<Place> {
  return { folder, port: await freePort(), sink, database };
}

function answers(url: string): Promise<boolean> {
  return fetch(url, { signal: AbortSignal.timeout(1_000) }).then(
    async (response) => {
      await response.body?.cancel();
      return true;
    },
    () => false,
  );
}
