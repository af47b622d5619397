import { LedgerUnavailable } from "../../model/errors.ts";

/** What to do about a ledger that cannot be used. */
export const cures = {
  wait: "Try again in a moment.",
  permit: "Make its folder exist and writable by this user, or set LEADKEEP_DATA.",
  replace: "Restore a backup, or move the file away to begin a new one.",
  repair: "See to the disk; the ledger goes on by itself.",
  freeSpace: "Free some space; the ledger goes on by itself.",
};

// Primary result codes, per https://www.sqlite.org/rescode.html (read 2026-11).
const BUSY = 5;
const PROTOCOL = 15;
const troubles: Record<number, { cause: string; cure: string }> = {
  [BUSY]: { cause: "it is locked by another process", cure: cures.wait },
  6: { cause: "a table in it is locked", cure: cures.wait },
  8: { cause: "it is read-only", cure: cures.permit },
  10: { cause: "the disk reported an error", cure: cures.repair },
  11: { cause: "the file is damaged", cure: cures.replace },
  13: { cause: "the disk is full", cure: cures.freeSpace },
  14: { cause: "the file cannot be opened", cure: cures.permit },
  [PROTOCOL]: { cause: "too many processes are opening it at once", cure: cures.wait },
  26: { cause: "the file is not a SQLite database", cure: cures.replace },
};

/** True when another connection is in the way for the moment: worth waiting for. */
export function isBusy(error: unknown): boolean {
  const code = primaryCode(error);
  return code === BUSY || code === PROTOCOL;
}

/** The error as `LedgerUnavailable` when SQLite's trouble is the place and not our statement; otherwise as it is. */
export function asUnavailable(error: unknown, path: string): unknown {
  const trouble = troubles[primaryCode(error) ?? -1];
  if (!trouble) return error;
  return new LedgerUnavailable(`The ledger at ${path} cannot be used: ${trouble.cause}. ${trouble.cure}`, {
    cause: error,
  });
}

function primaryCode(error: unknown): number | null {
  if (!(error instanceof Error) || !("errcode" in error) || typeof error.errcode !== "number") return null;
  return error.errcode & 0xff;
}
