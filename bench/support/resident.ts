import { readFileSync } from "node:fs";

/** Resident memory of a process in MiB, per https://man7.org/linux/man-pages/man5/proc_pid_status.5.html (read 2026-11); NaN elsewhere than on Linux. */
export function residentMiB(pid: number): number {
  try {
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1_024;
  } catch {
    return Number.NaN;
  }
}

/** Samples resident memory until stopped; `take` resolves to what was seen since the last time. */
export function watchResident(pid: number, everyMs = 250): { take(): number[]; stop(): void } {
  let seen: number[] = [];
  const timer = setInterval(() => seen.push(residentMiB(pid)), everyMs);
  return {
    take() {
      const all = [...seen, residentMiB(pid)];
      seen = [];
      return all;
    },
    stop: () => clearInterval(timer),
  };
}
