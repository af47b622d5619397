import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import type { Row } from "./row.ts";

/** What one part of a run came to. `seconds`: how long it took. */
export type Part = { name: string; measuredAt: string; seconds: number; rows: Row[] };

export type Machine = { node: string; cpus: number; model: string; memoryMiB: number };

/** A run, or several on the same machine put together. */
export type Results = { machine: Machine; parts: Part[] };

const folder = new URL("../results/", import.meta.url);
const fileOf = (quick: boolean) => new URL(quick ? "quick.json" : "latest.json", folder);

export function thisMachine(): Machine {
  const all = cpus();
  return {
    node: process.version,
    cpus: all.length,
    model: all[0]?.model ?? "",
    memoryMiB: Math.round(totalmem() / 2 ** 20),
  };
}

/** The last results; null when there are none, or none in today's shape. */
export function readResults(quick: boolean): Results | null {
  try {
    const results = JSON.parse(readFileSync(fileOf(quick), "utf8")) as Partial<Results>;
    return results.machine && results.parts ? { machine: results.machine, parts: results.parts } : null;
  } catch {
    return null;
  }
}

/** Writes one part in the place of its former self, so that a run that breaks off keeps what it has. Another machine's results go. */
export function writePart(part: Part, quick: boolean): Results {
  const machine = thisMachine();
  const last = readResults(quick);
  const isSame = last !== null && JSON.stringify(last.machine) === JSON.stringify(machine);
  const others = isSame ? last.parts.filter(({ name }) => name !== part.name) : [];
  const results = { machine, parts: [...others, part] };
  mkdirSync(folder, { recursive: true });
  writeFileSync(fileOf(quick), `${JSON.stringify(results, null, 1)}\n`);
  return results;
}
