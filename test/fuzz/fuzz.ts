import { mkdirSync, writeFileSync } from "node:fs";
import { setTimeout as pause, setImmediate as turn } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import * as fc from "fast-check";
import type { Target } from "./target.ts";
import { openAnswers } from "./targets/answers.ts";
import { openApi } from "./targets/api.ts";
import { openConfig } from "./targets/config.ts";
import { openIntake } from "./targets/intake.ts";
import { openRetryAfter } from "./targets/retry-after.ts";
import { openSmtp } from "./targets/smtp.ts";

export const targets = {
  intake: openIntake,
  config: openConfig,
  "retry-after": openRetryAfter,
  answers: openAnswers,
  api: openApi,
  smtp: openSmtp,
};
export type TargetName = keyof typeof targets;

export type FuzzOptions = {
  target: TargetName;
  inputs: number;
  seed: number;
  /** Told how far it is. */
  log(line: string): void;
  /** Where failing inputs are kept. @default test/fuzz/failures */
  failures?: string;
};

export type FuzzReport = {
  target: TargetName;
  inputs: number;
  tookMs: number;
  /** Each as a sentence, with what repeats it. */
  failures: readonly string[];
  figures: Record<string, number>;
  /** Bytes after garbage collection, at the middle and at the end; what the target gathers is let go of before. */
  heap: readonly [middle: number, end: number];
  handles: readonly [middle: number, end: number];
};

/** Inputs between two looks at the whole. */
const portion = 500;
/** Work one input may cause: processor time, which does not grow with what else the machine does. */
const mostWorkMs = 3_000;
const mostHeapGrowth = 6 * 1024 * 1024;
const mostFailures = 20;
const failuresFolder = fileURLToPath(new URL("failures/", import.meta.url));

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** Sends a target as many inputs, the same ones for the same seed, and tells what did not hold. */
export async function fuzz({ target: name, inputs, seed, log, failures: folder }: FuzzOptions): Promise<FuzzReport> {
  const startedAt = performance.now();
  const target = (await targets[name]()) as unknown as Target;
  const stray: unknown[] = [];
  const catchStray = (error: unknown): void => void stray.push(error);
  process.on("unhandledRejection", catchStray).on("uncaughtException", catchStray);
  const failures: string[] = [];
  let middle: Measured | null = null;
  let done = 0;

  async function property(input: unknown): Promise<void> {
    const before = process.cpuUsage();
    await target.check(input);
    const { user, system } = process.cpuUsage(before);
    if (stray.length > 0) throw new Error(`a failure nobody caught: ${stackOf(stray.splice(0)[0])}`);
    if ((user + system) / 1_000 > mostWorkMs) throw new Error(`it took ${(user + system) / 1_000} ms of work`);
  }

  try {
    while (done < inputs && failures.length < mostFailures) {
      const numRuns = Math.min(portion, inputs - done);
      const parameters = { seed: seed + done, numRuns };
      const found = await fc.check(fc.asyncProperty(target.input, property), parameters);
      done += numRuns;
      if (found.failed) {
        const kept = keep(name, parameters.seed, found.counterexample, folder ?? failuresFolder);
        const why = stackOf(found.errorInstance);
        failures.push(`${name}, seed ${parameters.seed}, shrunk to ${kept}: ${why}`);
        log(failures.at(-1) ?? "");
      }
      try {
        await target.settle?.();
      } catch (error) {
        failures.push(`${name}, seed ${parameters.seed}, ${numRuns} inputs together: ${stackOf(error)}`);
        log(failures.at(-1) ?? "");
      }
      if (!middle && done >= inputs / 2) middle = await measure();
      log(`${name}: ${done} of ${inputs}`);
    }
    const end = await measure();
    const halves = middle ?? end;
    // A short run is warming up all the time.
    const grown = end.heap - halves.heap;
    if (inputs >= 10 * portion && grown > mostHeapGrowth) failures.push(`${name}: the heap grew by ${grown} bytes`);
    if (end.handles > halves.handles + 2)
      failures.push(`${name}: ${end.handles - halves.handles} handles more than half-way`);
    return {
      target: name,
      inputs: done,
      tookMs: performance.now() - startedAt,
      failures,
      figures: target.figures(),
      heap: [halves.heap, end.heap],
      handles: [halves.handles, end.handles],
    };
  } finally {
    process.off("unhandledRejection", catchStray).off("uncaughtException", catchStray);
    await target.close();
  }
}

type Measured = { heap: number; handles: number };

async function measure(): Promise<Measured> {
  await pause(150);
  collectGarbage();
  await turn();
  collectGarbage();
  return { heap: process.memoryUsage().heapUsed, handles: process.getActiveResourcesInfo().length };
}

/** Keeps a failing input, to be looked at and sent again. Answers where. */
function keep(target: string, seed: number, counterexample: unknown, folder: string): string {
  mkdirSync(folder, { recursive: true });
  const file = `${target}-${seed}.txt`;
  writeFileSync(`${folder}/${file}`, `${fc.stringify(counterexample)}\n`);
  return file;
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
