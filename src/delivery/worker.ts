import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import type { Together } from "../ledger/together.ts";

/** Workers of this very process: several gateways in one process must not take each other for dead. */
const registry = Symbol.for("leadkeep.live-workers");
const holder = globalThis as typeof globalThis & { [registry]?: Set<string> };
holder[registry] ??= new Set();
const liveWorkers = holder[registry];

/** A worker's name, `machine:pid:start-serial`: enough for a later process on the same machine to see that this one is gone. */
export function createWorker(now: number, machines: Together["machines"]) {
  const machine = machines === "one" ? hostname() : kernelName();
  const name = `${machine}:${process.pid}:${now}-${liveWorkers.size}`;
  liveWorkers.add(name);
  return {
    name,
    end: (): void => void liveWorkers.delete(name),
    /** True only when certain; a worker of another machine is given up when its lease is over. */
    isDead: (other: string): boolean => isDead(other, machine),
  };
}

function isDead(worker: string, machine: string): boolean {
  const [where, pid] = worker.split(":");
  if (where !== machine) return false;
  if (Number(pid) === process.pid) return !liveWorkers.has(worker);
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "ESRCH";
  }
}

/**
 * Within what process ids mean something: copies of one image may share a host name, and containers a kernel. So it is the boot
 * (https://docs.kernel.org/admin-guide/sysctl/kernel.html#random) and the namespace of process ids; elsewhere than on Linux only
 * the host's name.
 */
function kernelName(): string {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").slice(0, 13);
    return `${hostname()}/${boot}/${readlinkSync("/proc/self/ns/pid").replace(/\D/g, "")}`;
  } catch {
    return hostname();
  }
}
