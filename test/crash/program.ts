import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { until } from "../support/until.ts";

/** `leadkeep start` as a process of its own. */
export type Program = {
  url: string;
  pid: number;
  /** Resolves once it answers requests. @throws when it ended before, with what it printed */
  answers(): Promise<void>;
  /**
   * Sends the signal and resolves when the process is gone: to its exit code, or the signal that ended it.
   * @throws when it had ended by itself, with what it printed
   */
  end(signal: "SIGKILL" | "SIGTERM"): Promise<number | NodeJS.Signals>;
};

export type ProgramOptions = {
  /** Its working folder; holds no config file. */
  folder: string;
  port: number;
  /** All it knows of the world: nothing of this process's environment reaches it. */
  variables: Record<string, string>;
  /** Run what `npm run build` made instead of the sources. */
  built: boolean;
};

/** Starts the program. It may take a while until it answers. */
export function startProgram({ folder, port, variables, built }: ProgramOptions): Program {
  const entry = fileURLToPath(
    new URL(`../../${built ? "dist/cli/leadkeep.js" : "src/cli/leadkeep.ts"}`, import.meta.url),
  );
  if (!existsSync(entry)) throw new Error(`There is no ${entry}. Run: npm run build`);
  const child = spawn(process.execPath, ["--no-warnings", entry, "start"], {
    cwd: folder,
    env: { ...variables, HOST: "127.0.0.1", PORT: String(port) },
    stdio: ["ignore", "inherit", "pipe"],
  });
  let printed = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    printed = (printed + text).slice(-4_000);
  });
  let ended: number | NodeJS.Signals | null = null;
  const exited = new Promise<number | NodeJS.Signals>((resolve) => {
    child.once("close", (code, signal) => {
      process.off("exit", leaveNothing);
      ended = code ?? signal ?? 0;
      resolve(ended);
    });
  });
  process.once("exit", leaveNothing);
  function leaveNothing(): void {
    child.kill("SIGKILL");
  }
  function assertRunning(): void {
    if (ended !== null) throw new Error(`The program ended by itself with ${ended}:\n${printed}`);
  }
  const url = `http://127.0.0.1:${port}`;

  return {
    url,
    pid: child.pid ?? 0,
    async answers() {
      await until(async () => {
        assertRunning();
        const answer = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(1_000) }).catch(() => null);
        await answer?.body?.cancel();
        return answer?.ok;
      });
    },
    async end(signal) {
      assertRunning();
      child.kill(signal);
      return exited;
    },
  };
}

/**
 * A free port below the range from which systems lend out ports for outgoing connections: while the program is dead,
 * one of those could otherwise be lent its port, and keep it from starting again. Not from the run's seed: two runs with the
 * same seed beside each other would want the same one.
 */
export async function aFreePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    const probe = createServer();
    const free = await new Promise<boolean>((resolve) => {
      probe.once("error", () => resolve(false)).listen(port, "127.0.0.1", () => resolve(true));
    });
    if (!free) continue;
    await new Promise((closed) => probe.close(closed));
    return port;
  }
}
