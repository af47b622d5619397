import { readdirSync, readFileSync } from "node:fs";

/** Ticks are hundredths of a second wherever Linux runs (`getconf CLK_TCK`). */
const ticksPerSecond = 100;

/**
 * Seconds of processor time these processes and what they have started have used so far. 0 where there is no /proc (elsewhere
 * than on Linux).
 */
export function cpuSecondsOf(pids: readonly number[]): number {
  const wanted = new Set(pids);
  const all = processes();
  // Twice: what a process has started may stand before it.
  for (let i = 0; i < 2; i++) for (const { pid, parent } of all) if (wanted.has(parent)) wanted.add(pid);
  return all.filter(({ pid }) => wanted.has(pid)).reduce((sum, { ticks }) => sum + ticks, 0) / ticksPerSecond;
}

type Process = { pid: number; parent: number; ticks: number };

/** Per https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html (read 2026-11): the parent is field 4, the times 14 to 17. */
function processes(): Process[] {
  try {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .flatMap((name) => {
        const stat = statOf(name);
        const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
        const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
        return stat === "" ? [] : [{ pid: Number(name), parent: Number(fields[1]), ticks }];
      });
  } catch {
    return [];
  }
}

function statOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return "";
  }
}
