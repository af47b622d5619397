import { randomBytes } from "node:crypto";
import { closeSync, existsSync, fsyncSync, openSync, rmSync, statfsSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import type { CheckResult } from "../../model/destination.ts";

/** What a file system says of itself. */
export type FileSystem = { type: number; bsize: number; bavail: number };

/** How the data folder is looked at; a test may stand in for the disk. */
export type Disk = {
  statfs(path: string): FileSystem;
  /** Writes to the folder, has it brought to the disk, and takes it away again. Resolves to how long that took. */
  write(folder: string): number;
};

const leastBytes = 200 * 1024 ** 2;
const fewBytes = 1024 ** 3;
const slowMs = 250;

/** Magic numbers per https://man7.org/linux/man-pages/man2/statfs.2.html (read 2026-11). */
const network: ReadonlySet<number> = new Set([0x6969, 0x517b, 0xff534d42, 0xfe534d42, 0x01021997, 0x5346414f]);
const memory: ReadonlySet<number> = new Set([0x01021994, 0x858458f6]);
const container = 0x794c7630;

/**
 * Whether what is kept in the data folder stays: a real write that is brought to the disk, the kind of disk, and room on it. The
 * only thing a doctor writes; it is gone at once. `embedded`: the ledger is there, too.
 */
export function checkStorage(dataFolder: string, embedded: boolean, disk: Disk = realDisk): CheckResult[] {
  const what = "data folder";
  const place = nearest(dataFolder);
  const isThere = place === dataFolder;
  let ms: number;
  try {
    ms = disk.write(place);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? ` (${String(error.code)})` : "";
    const detail = `${dataFolder} cannot be written to${code}`;
    const cure = cures[code.slice(2, -1)] ?? "Make it writable by the user the gateway runs as, or set LEADKEEP_DATA.";
    return [{ what, result: "problem", detail, cure }];
  }
  const told = isThere
    ? `${dataFolder}: a write is on disk in ${ms.toFixed(1)} ms`
    : `${dataFolder} is made on first start`;
  const written: CheckResult =
    ms < slowMs
      ? { what, result: "ok", detail: told }
      : {
          what,
          result: "warning",
          detail: `a write took ${Math.round(ms)} ms until it was on disk, and every submission waits for one`,
          cure: "Use a local disk (SSD), or a Postgres (DATABASE_URL).",
        };
  const system = disk.statfs(place);
  return [written, ...(embedded ? kindOf(system, dataFolder) : []), roomOn(system)];
}

const cures: Record<string, string> = {
  ENOSPC: "The disk is full: free some space. Leads are refused with 503 meanwhile.",
  EDQUOT: "The quota is used up: free some space. Leads are refused with 503 meanwhile.",
  EROFS: "The file system is read-only: mount a volume there, or set LEADKEEP_DATA.",
};

function kindOf({ type }: FileSystem, dataFolder: string): CheckResult[] {
  const what = "disk";
  if (network.has(type)) {
    const cure =
      "Keep the ledger on a local disk: locks and fsync of network file systems cannot be relied on. For several machines use Postgres (DATABASE_URL).";
    return [{ what, result: "problem", detail: `${dataFolder} is on a network file system`, cure }];
  }
  if (memory.has(type)) {
    const cure = "Set LEADKEEP_DATA to a folder on a real disk.";
    return [
      { what, result: "warning", detail: `${dataFolder} is in memory (tmpfs): leads are gone after a restart`, cure },
    ];
  }
  if (type === container) {
    const cure = "Mount a volume there, as docs/deploy.md shows.";
    const detail = `${dataFolder} is inside a container's own layer: leads go when the container is replaced`;
    return [{ what, result: "warning", detail, cure }];
  }
  return [];
}

function roomOn({ bavail, bsize }: FileSystem): CheckResult {
  const free = bavail * bsize;
  const detail = `${(free / 1024 ** 3).toFixed(1)} GiB free`;
  const cure = "Free some space, or move the data folder (LEADKEEP_DATA) to a larger disk.";
  const result = free < leastBytes ? "problem" : free < fewBytes ? "warning" : "ok";
  return { what: "disk space", result, detail, ...(result === "ok" ? {} : { cure }) };
}

/** The folder, or the nearest one above it that is there. */
function nearest(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : nearest(dirname(folder));
}

const realDisk: Disk = {
  statfs: (path) => statfsSync(path),
  write(folder) {
    const file = join(folder, `.leadkeep-doctor-${process.pid}-${randomBytes(4).toString("hex")}`);
    const begun = performance.now();
    const handle = openSync(file, "wx", 0o600);
    try {
      writeSync(handle, "A line that shows whether this folder can be written to.\n");
      fsyncSync(handle);
      return performance.now() - begun;
    } finally {
      closeSync(handle);
      rmSync(file, { force: true });
    }
  },
};
