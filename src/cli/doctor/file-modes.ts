import { statSync } from "node:fs";
import { join } from "node:path";
import type { CheckResult } from "../../model/destination.ts";

/** What holds secrets or leads, and the mode it is to have. `strict`: this program makes it so itself. */
type Guarded = { path: string; name: string; mode: 0o600 | 0o700; strict: boolean };

/**
 * Whether other users of the machine can read secrets and leads. Nothing is told where there are no such modes (Windows).
 * `files`: other files that hold secrets, such as those named by `X_FILE`.
 */
export function checkFileModes(
  { folder, dataFolder, files = [] }: { folder: string; dataFolder: string; files?: readonly string[] },
  platform: NodeJS.Platform = process.platform,
): CheckResult[] {
  if (platform === "win32") return [];
  const guarded: Guarded[] = [
    { path: join(folder, ".env"), name: ".env", mode: 0o600, strict: false },
    { path: dataFolder, name: "the data folder", mode: 0o700, strict: false },
    { path: join(dataFolder, "secret"), name: "the secret", mode: 0o600, strict: true },
    { path: join(dataFolder, "ledger.db"), name: "the ledger", mode: 0o600, strict: false },
    { path: join(dataFolder, "keys.db"), name: "the keys of leads", mode: 0o600, strict: true },
    ...files.map((path): Guarded => ({ path, name: path, mode: 0o600, strict: false })),
  ];
  const open = guarded.flatMap(({ path, name, mode, strict }): CheckResult[] => {
    const found = modeOf(path);
    if (found === null || (found & 0o077) === 0) return [];
    // In a folder nobody else can enter, it does not matter.
    if (path !== dataFolder && path.startsWith(dataFolder) && ((modeOf(dataFolder) ?? 0) & 0o077) === 0) return [];
    const who = (found & 0o007) !== 0 ? "every user of this machine" : "other users of its group";
    const detail = `${name} can be read by ${who} (mode ${found.toString(8)})`;
    return [
      { what: "file modes", result: strict ? "problem" : "warning", detail, cure: `chmod ${mode.toString(8)} ${path}` },
    ];
  });
  const fine: CheckResult = { what: "file modes", result: "ok", detail: "secrets and leads are this user's only" };
  return open.length > 0 ? open : [fine];
}

function modeOf(path: string): number | null {
  const found = statSync(path, { throwIfNoEntry: false });
  return found ? found.mode & 0o777 : null;
}
