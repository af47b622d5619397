import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

export type NodeProcess = {
  /** Complete lines printed so far. */
  lines: readonly string[];
  /** Resolves when `count` lines are there; rejects when the process ends before. */
  printed(count: number): Promise<void>;
  /** Writes a line to its standard input. */
  tell(line: string): void;
  kill(signal: NodeJS.Signals): void;
  /** The exit code, or the signal it was killed by. */
  exited: Promise<number | NodeJS.Signals | null>;
};

/** Starts a real Node process that runs `code` as an ES module; absolute `file:` URLs of TypeScript may be imported. */
export function startNode(code: string): NodeProcess {
  const child = spawn(process.execPath, ["--no-warnings", "--input-type=module", "--eval", code], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines: string[] = [];
  const output = createInterface({ input: child.stdout });
  output.on("line", (line) => lines.push(line));
  const exited = new Promise<number | NodeJS.Signals | null>((resolve) => {
    child.once("close", (exitCode, signal) => resolve(exitCode ?? signal));
  });
  // A process that is killed may be told something more.
  child.stdin.on("error", () => {});
  return {
    lines,
    printed: (count) =>
      new Promise((resolve, reject) => {
        const look = () => lines.length >= count && resolve();
        output.on("line", look);
        look();
        exited.then((end) => reject(new Error(`ended with ${end} after ${lines.length} lines`)));
      }),
    tell: (line) => child.stdin.write(`${line}\n`),
    kill: (signal) => child.kill(signal),
    exited,
  };
}
