import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const source = fileURLToPath(new URL("../", import.meta.url));

/** Where the peers are, and which of what has to be compiled could not be. */
export type Installed = { folder: string; missing: ReadonlySet<string> };

/**
 * Installs the peers and what they need into a folder of their own below the machine's temporary one. What was installed from the same
 * lock file is used again. The first time takes minutes: the SQLite of better-queue's store has to be compiled.
 */
export function installPeers(): Installed {
  const lock = readFileSync(join(source, "package-lock.json"));
  const folder = join(tmpdir(), `leadkeep-peers-${createHash("sha256").update(lock).digest("hex").slice(0, 12)}`);
  const compiled = join(folder, "compiled.json");
  mkdirSync(folder, { recursive: true });
  cpSync(source, folder, { recursive: true });
  if (!existsSync(compiled)) {
    npm(folder, "ci", "--ignore-scripts");
    writeFileSync(compiled, JSON.stringify({ sqlite3: couldCompile(folder, "sqlite3") }));
  }
  const { sqlite3 } = JSON.parse(readFileSync(compiled, "utf8")) as { sqlite3: boolean };
  return { folder, missing: new Set(sqlite3 ? [] : ["sqlite3"]) };
}

function couldCompile(folder: string, name: string): boolean {
  try {
    npm(folder, "rebuild", name);
    return true;
  } catch {
    return false;
  }
}

function npm(folder: string, ...args: string[]): void {
  execFileSync("npm", [...args, "--no-audit", "--no-fund"], { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
}
