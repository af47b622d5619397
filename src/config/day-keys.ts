import { randomBytes } from "node:crypto";
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { madeOnce } from "./secret-file.ts";

/** A key that lives for a day. `id` names the day, `20261124`. */
export type DayKey = { id: string; key: string };

/** The random keys of days, of which no more than yesterday's and today's exist. */
export type DayKeys = {
  /** The key of this day (UTC), the same for every process on the data folder. Never throws. */
  today(): DayKey;
  /** Destroys keys older than yesterday's. Never throws. */
  destroyOld(): void;
};

const dayMs = 86_400_000;
const dated = /^(\d{8})(?:\.|$)/;

/**
 * Keeps the keys as files in a folder, readable by this user only. The first process of a day makes the day's key and the others
 * read it; yesterday's stays for a process that has just looked at its clock before midnight. Where the folder cannot be
 * written, the key lives in this process's memory alone, under an id of its own.
 * `now`: epoch milliseconds. `warn`: told once a day when the key could not be kept.
 */
export function createDayKeys(folder: string, { now, warn }: { now(): number; warn(): void }): DayKeys {
  let current: (DayKey & { from: number; day: string }) | null = null;

  function today(): DayKey {
    const at = now();
    const from = at - (at % dayMs);
    if (current?.from !== from) {
      const day = dayOf(at);
      current = { from, day, ...keyOf(day) };
      destroyOld();
    }
    return current;
  }

  function keyOf(day: string): DayKey {
    try {
      return { id: day, key: madeOnce(join(folder, day)) };
    } catch {
      warn();
      return { id: `${day}-${randomBytes(4).toString("hex")}`, key: randomBytes(32).toString("base64url") };
    }
  }

  function destroyOld(): void {
    const at = now();
    if (current?.day !== dayOf(at)) current = null;
    // Tomorrow's too: another process may be past midnight already.
    const kept = new Set([at - dayMs, at, at + dayMs].map(dayOf));
    for (const name of namesIn(folder)) {
      const [, day] = dated.exec(name) ?? [];
      if (day === undefined || kept.has(day)) continue;
      try {
        rmSync(join(folder, name), { force: true });
      } catch {
        warn();
      }
    }
  }

  return { today, destroyOld };
}

function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10).replaceAll("-", "");
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
