import { type ChildProcess, spawn } from "node:child_process";

/** What npm tells the scripts it runs about themselves, which is not for the npm that is run below them. */
const ofThisScript = /^(?:npm_(?:package|lifecycle)_|npm_config_local_prefix$|INIT_CWD$|LEADKEEP_|NODE_OPTIONS$)/;

/** The environment of a newcomer's shell: without what is this repository's, and with nobody told that the site was made. */
export function shellOf(more: Record<string, string> = {}): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !ofThisScript.test(name));
  return {
    ...Object.fromEntries(own),
    ASTRO_TELEMETRY_DISABLED: "1",
    NEXT_TELEMETRY_DISABLED: "1",
    NUXT_TELEMETRY_DISABLED: "1",
    DO_NOT_TRACK: "1",
    CI: "1",
    ...more,
  };
}

/** Runs a command to its end. Rejects with all it said when it fails, or is not over after `limitMs`. */
export function run(command: string, args: readonly string[], cwd: string, limitMs = 300_000): Promise<string> {
  const child = spawn(command, args, { cwd, env: shellOf(), stdio: ["ignore", "pipe", "pipe"], timeout: limitMs });
  const said = listen(child);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) resolve(said());
      else reject(new Error(`${command} ${args.join(" ")} ended with ${code}:\n${said()}`));
    });
  });
}

export type Running = { said(): string; hasEnded(): boolean; stop(): Promise<void> };

/** Starts a command that goes on, with all it starts itself in a group of its own, to be ended together. */
export function start(command: string, args: readonly string[], cwd: string, more: Record<string, string>): Running {
  const child = spawn(command, args, { cwd, env: shellOf(more), stdio: ["ignore", "pipe", "pipe"], detached: true });
  const said = listen(child);
  let ended = false;
  const end = new Promise<void>((resolve) => {
    child.once("error", () => resolve());
    child.once("close", () => resolve());
  }).then(() => {
    ended = true;
  });
  function signal(name: NodeJS.Signals): void {
    try {
      if (child.pid) process.kill(-child.pid, name);
    } catch {
      // Nothing of the group is left.
    }
  }
  return {
    said,
    hasEnded: () => ended,
    async stop() {
      signal("SIGTERM");
      const patience = setTimeout(signal, 20_000, "SIGKILL");
      await end;
      clearTimeout(patience);
      signal("SIGKILL");
    },
  };
}

function listen(child: ChildProcess): () => string {
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      said = (said + text).slice(-20_000);
    });
  }
  return () => said;
}
