import { existsSync, renameSync, rmSync, statSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { LedgerUnavailable } from "../../model/errors.ts";
import { openOwnFile } from "./open-database.ts";

/** The files a connection works on, as their names lead to them. */
export type OwnFiles = {
  /**
   * @throws {LedgerUnavailable} when the names lead to other files, or none: SQLite goes on writing to what it has opened, so what is
   * kept there would be gone with this process. Put back, the same files are written to again.
   */
  assertThere(): void;
};

/** Remembers the files an open database is on. */
export function ownFilesOf(db: DatabaseSync, path: string): OwnFiles {
  const names = [path, `${path}-wal`];
  const opened = names.map(identityOf);
  let rescued = false;

  /** Nobody else can reach what was kept in a deleted file: a copy takes its place, for the next start to go on from. */
  function rescue(): void {
    if (rescued || existsSync(path)) return;
    rescued = true;
    const copy = `${path}.rescue`;
    rmSync(copy, { force: true });
    openOwnFile(copy);
    db.prepare("VACUUM INTO ?").run(copy);
    // The log of a deleted file would be taken for the copy's.
    for (const suffix of ["-wal", "-shm"]) rmSync(path + suffix, { force: true });
    renameSync(copy, path);
  }

  function rescueSoon(): void {
    setImmediate(() => {
      try {
        if (db.isOpen) rescue();
      } catch {
        // The disk is full, or the folder is gone as well; the next write tries again.
        rescued = false;
      }
    });
  }

  return {
    assertThere() {
      if (names.every((name, n) => identityOf(name) === opened[n])) return;
      if (!existsSync(path)) rescueSoon();
      throw new LedgerUnavailable(
        `The ledger at ${path} was deleted or replaced while it was in use. Put its files back, or start this program again to use what is there now.`,
      );
    },
  };
}

function identityOf(path: string): string | null {
  const found = statSync(path, { throwIfNoEntry: false });
  return found ? `${found.dev}:${found.ino}` : null;
}
