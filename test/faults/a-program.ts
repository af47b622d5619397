import { spawn, spawnSync } from "node:child_process";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { LeadRecord } from "../../src/ledger/ledger.ts";
import { openSqliteLedger } from "../../src/ledger/sqlite/sqlite-ledger.ts";
import { listOf } from "../crash/crash.ts";
import { aFreePort } from "../crash/program.ts";
import { type Answer, ask } from "../support/http.ts";
import { commandFile } from "../support/leadkeep-command.ts";
import { aFolder } from "../support/sqlite-file.ts";
import { until } from "../support/until.ts";

/** `leadkeep start` in a process of its own, which faults can be done to. */
export type FaultyProgram = {
  url: string;
  pid: number;
  folder: string;
  /** Posts a lead, `bytes` long; what it was answered, and its id when it was accepted. */
  post(bytes?: number): Promise<{ answer: Answer; lead: string | null }>;
  /** Ends it, and starts it again without the fault. */
  startAgain(): Promise<void>;
  /** Everything on record, by lead. */
  records(): Promise<Map<string, LeadRecord>>;
  kill(signal: NodeJS.Signals): Promise<void>;
  ended(): boolean;
};

export type FaultyOptions = {
  /** Shell commands before it is started, such as `ulimit -n 64`. */
  limits?: string;
  variables?: Record<string, string>;
  nodeOptions?: readonly string[];
};

export async function aProgram({
  limits = ":",
  variables = {},
  nodeOptions = [],
}: FaultyOptions = {}): Promise<FaultyProgram> {
  const folder = aFolder();
  const port = await aFreePort();
  const url = `http://127.0.0.1:${port}`;
  let serial = 0;
  let current = await start(limits, nodeOptions);
  onTestFinished(() => kill("SIGKILL"));

  async function start(limits: string, options: readonly string[]) {
    const { PATH = "" } = process.env;
    const env = {
      PATH,
      LEADKEEP_DATA: join(folder, "data"),
      LEADKEEP_ALLOW_PRIVATE_NETWORK: "1",
      LEADKEEP_ALERT_EMAIL: "none",
      LEADKEEP_LOG_LEVEL: "silent",
      LEADKEEP_SCHEDULE: Array(60).fill("100ms").join(","),
      PORT: String(port),
      ...variables,
    };
    const args = [
      "-c",
      `${limits}\nexec "$0" "$@"`,
      process.execPath,
      "--no-warnings",
      ...options,
      commandFile,
      "start",
    ];
    const child = spawn("sh", args, { cwd: folder, env, stdio: ["ignore", "ignore", "pipe"] });
    let printed = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      printed = (printed + text).slice(-2_000);
    });
    let over = false;
    const exited = new Promise<void>((resolve) => {
      child.once("close", () => {
        over = true;
        resolve();
      });
    });
    await until(async () => {
      if (over) throw new Error(`it ended by itself: ${printed}`);
      return (await fetch(`${url}/healthz`).catch(() => null))?.ok;
    }, 30_000);
    return { child, exited, isOver: () => over };
  }

  async function kill(signal: NodeJS.Signals): Promise<void> {
    current.child.kill(signal);
    await current.exited;
  }

  return {
    url,
    get pid() {
      return current.child.pid ?? 0;
    },
    folder,
    ended: () => current.isOver(),
    kill,
    async post(bytes = 0) {
      serial += 1;
      const body = { email: `ada${serial}@example.com`, consent: "on", message: "x".repeat(bytes) };
      const answer = await ask(`${url}/f/contact`, { headers: { "content-type": "application/json" }, body });
      return { answer, lead: /"lead_id":"(lead_[^"]+)"/.exec(answer.body)?.[1] ?? null };
    },
    async startAgain() {
      await kill("SIGKILL");
      current = await start(":", []);
    },
    async records() {
      const ledger = openSqliteLedger({ path: join(folder, "data", "ledger.db") });
      const records = await listOf(ledger);
      await ledger.close();
      return new Map(records.map((record) => [record.lead.id as string, record]));
    },
  };
}

/** Null when the machine has this program, else why a test that needs it cannot run. */
export function lacks(program: string): string | null {
  return spawnSync("sh", ["-c", `command -v ${program}`]).status === 0
    ? null
    : `there is no ${program} on this machine`;
}
