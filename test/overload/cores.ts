import { spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";

/** What runs on which core, so that who measures takes nothing from what is measured. */
export type Cores = {
  /** Confines a process that runs, with all its threads. */
  confine(pid: number, to: "gateway" | "world"): void;
  /** For the report. */
  words: string;
};

/** The first core is the gateway's, the others are the generators' and the receiver's. Only Linux can, and not with a single core. */
export function separateCores(): Cores {
  const count = availableParallelism();
  const works = count > 1 && spawnSync("taskset", ["-c", "0", "true"]).status === 0;
  if (!works) return { confine() {}, words: "NOT SEPARATED: all share the cores there are" };
  const others = count === 2 ? "1" : `1-${count - 1}`;
  return {
    confine(pid, to) {
      spawnSync("taskset", ["-a", "-c", "-p", to === "gateway" ? "0" : others, String(pid)]);
    },
    words: `gateway on core 0; generators and receiver on ${others}`,
  };
}
