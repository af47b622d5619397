import { spawn } from "node:child_process";
import { once } from "node:events";
import { constants, copyFileSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { track } from "./processes.ts";
import { tell } from "./progress.ts";

const script = fileURLToPath(new URL("fill-ledger.ts", import.meta.url));
let home: string | null = null;

/**
 * The data folder of a ledger with so many leads, three deliveries each, made once in a run.
 * Whoever changes more than a few of its leads takes a copy.
 */
export async function keptLedger(leads: number): Promise<string> {
  const folder = join(homeOfAll(), String(leads));
  if (existsSync(folder)) return folder;
  tell(`making a ledger of ${leads.toLocaleString("en")} leads`);
  mkdirSync(`${folder}-making`, { recursive: true });
  const child = spawn(process.execPath, [script, join(`${folder}-making`, "ledger.db"), String(leads)], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const [code] = await once(track(child), "exit");
  if (code !== 0) throw new Error(`making a ledger ended with ${code}`);
  renameSync(`${folder}-making`, folder);
  return folder;
}

/** A data folder of one's own with the same leads. */
export async function copyOfKeptLedger(leads: number): Promise<{ folder: string; remove(): void }> {
  const from = await keptLedger(leads);
  const folder = mkdtempSync(join(homeOfAll(), "copy-"));
  tell(`copying a ledger of ${leads.toLocaleString("en")} leads`);
  copyFileSync(join(from, "ledger.db"), join(folder, "ledger.db"), constants.COPYFILE_FICLONE);
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** In `BENCH_LEDGERS`, where they stay for the next run; else in the temporary folder, removed when the process ends. */
function homeOfAll(): string {
  home ??= process.env.BENCH_LEDGERS ?? null;
  if (home) return home;
  const made = mkdtempSync(join(tmpdir(), "leadkeep-bench-ledgers-"));
  home = made;
  process.once("exit", () => rmSync(made, { recursive: true, force: true }));
  return made;
}
