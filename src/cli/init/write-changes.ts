import { mkdirSync, realpathSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { LeadkeepError } from "../../model/errors.ts";
import { plain } from "../output.ts";
import type { Change } from "./changes.ts";
import type { Project } from "./project.ts";

/** A file that was written. */
export type Written = { path: string; action: "created" | "extended" };

/**
 * Writes what a plan creates and extends; with `beside`, what it keeps as well, in a file of that name with `.new` behind it.
 * Nothing is overwritten but such a file: one that appeared or changed since it was read stops the writing.
 * @throws {LeadkeepError}
 */
export function writeChanges(project: Project, changes: readonly Change[], beside: boolean): Written[] {
  const written: Written[] = [];
  for (const { path, before, after, action, secret } of changes) {
    if (action === "same" || (action === "kept" && !beside)) continue;
    const target = action === "kept" ? `${path}.new` : path;
    try {
      checkPlace(project, target);
      if (action === "extend" && project.read(path) !== before) throw changed;
      const flag = action === "create" ? "wx" : "w";
      writeFileSync(join(project.folder, target), after, { flag, mode: secret ? 0o600 : 0o666 });
    } catch (error) {
      throw cannotWrite(target, error, written);
    }
    written.push({ path: target, action: action === "extend" ? "extended" : "created" });
  }
  return written;
}

const changed = new LeadkeepError("changed", "it has changed meanwhile; run init again");

/** Makes the folder a file is to stand in, which has to be one of the site's. */
function checkPlace({ folder }: Project, path: string): void {
  const place = dirname(join(folder, path));
  mkdirSync(place, { recursive: true });
  if (!relative(folder, realpathSync(place)).startsWith("..")) return;
  throw new LeadkeepError("outside", "its folder is a link that leads out of this one");
}

function cannotWrite(path: string, cause: unknown, written: readonly Written[]): LeadkeepError {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown";
  const why = cause instanceof LeadkeepError ? cause.message : (reasons[code] ?? `it cannot be written (${code})`);
  const so =
    written.length > 0 ? ` Written before: ${written.map((one) => one.path).join(", ")}.` : " Nothing was written.";
  return new LeadkeepError("cannot_write", `${plain(path)}: ${why}.${so}`, { cause });
}

const reasons: Record<string, string> = {
  EACCES: "this user may not write here; make the folder writable",
  EPERM: "this user may not write here; make the folder writable",
  EROFS: "the folder is read-only",
  EEXIST: "a file of this name is there already; run init again",
  ENOTDIR: "a file stands where a folder is needed",
  ENOSPC: "the disk is full",
};
