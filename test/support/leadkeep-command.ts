import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { atTestEnd } from "./test-end.ts";

/** How a command ended: its exit code (null when a signal killed it) and what it printed. */
export type Ended = { code: number | null; stdout: string; stderr: string };

export type CommandOptions = {
  /** Where it runs: `.env`, the config file and `./.leadkeep` are looked for there. */
  folder: string;
  /** Its whole environment, beside `PATH`. */
  variables?: Record<string, string>;
};

export type RunningCommand = {
  pid: number;
  /** Resolves to the match once it is on stderr; rejects when the command ends before. */
  said(pattern: RegExp): Promise<RegExpExecArray>;
  signal(signal: NodeJS.Signals): void;
  ended: Promise<Ended>;
};

/** The command line's entry, as Node runs it. */
export const commandFile = fileURLToPath(new URL("../../src/cli/leadkeep.ts", import.meta.url));

/** Starts the real command line in a process of its own, which is killed when the test is over. */
export function startLeadkeep(args: readonly string[], options: CommandOptions): RunningCommand {
  const running = spawnLeadkeep(args, options);
  atTestEnd(async () => {
    running.signal("SIGKILL");
    await running.ended;
  });
  return running;
}

/** The same for several tests together: whoever starts it ends it. */
export function spawnLeadkeep(args: readonly string[], { folder, variables = {} }: CommandOptions): RunningCommand {
  const { PATH = "" } = process.env;
  const child = spawn(process.execPath, [commandFile, ...args], {
    cwd: folder,
    env: { PATH, TZ: "UTC", ...variables },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, stdout, stderr }));
  });
  return {
    pid: child.pid ?? 0,
    said: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = pattern.exec(stderr);
          if (found) resolve(found);
        };
        child.stderr.on("data", look);
        look();
        ended.then((end) => reject(new Error(`ended before saying ${pattern}: ${JSON.stringify(end)}`)), reject);
      }),
    signal: (signal) => child.kill(signal),
    ended,
  };
}

/** Runs a command to its end. */
export function runLeadkeep(args: readonly string[], options: CommandOptions): Promise<Ended> {
  return startLeadkeep(args, options).ended;
}
