import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { Defence } from "../test/defences/defence.ts";

// `npm run take-out [-- words…]`: takes one defence after the other out of a copy of this checkout, and runs the tests that are to notice.
// A defence counts as held when one of its tests fails without it, and all of them pass with it. With words, only defences whose name
// or table has one of them. Ends with 1 when one was not missed by any test.

const root = fileURLToPath(new URL("..", import.meta.url));
const leftBehind = new Set(["node_modules", ".git", ".leadkeep"]);

/** What a run of tests came to: names of those that passed and failed; `broken`: a file that could not be loaded at all. */
type Run = { passed: string[]; failed: string[]; broken: string | null };

/** Every table in `test/defences`, by its file's name. */
export async function defences(): Promise<{ table: string; defence: Defence }[]> {
  const folder = join(root, "test/defences");
  const files = readdirSync(folder).filter((name) => name.endsWith(".ts") && !/\.test\.ts$|^defence\.ts$/.test(name));
  const tables = await Promise.all(
    files.sort().map(async (file) => {
      const lists = Object.values((await import(join(folder, file))) as Record<string, readonly Defence[]>);
      return lists.flat().map((defence) => ({ table: file.replace(/\.ts$/, ""), defence }));
    }),
  );
  return tables.flat();
}

/** `path > name` taken apart; no name: all tests of the file. */
export function testOf(text: string): { path: string; name: string | null } {
  const [path = "", ...name] = text.split(" > ");
  return { path, name: name.length > 0 ? name.join(" > ") : null };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = await takeOutAll(process.argv.slice(2));

async function takeOutAll(words: readonly string[]): Promise<number> {
  const chosen = (await defences()).filter(
    ({ table, defence }) => words.length === 0 || words.some((word) => word === table || defence.name.includes(word)),
  );
  const copy = copyOfTree();
  let held = 0;
  try {
    const whole = new Map<string, Run>();
    for (const { table, defence } of chosen) {
      const verdict = takeOut(copy, defence, whole);
      if (verdict.held) held += 1;
      console.log(
        `${verdict.held ? "held        " : "NOT DEFENDED"}  ${table}: ${defence.name}\n                ${verdict.why}`,
      );
    }
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
  console.log(`${held} of ${chosen.length} held.`);
  return held === chosen.length && held > 0 ? 0 : 1;
}

function takeOut(
  copy: string,
  { file, take, put, tests }: Defence,
  whole: Map<string, Run>,
): { held: boolean; why: string } {
  for (const one of tests) {
    const before = whole.get(one) ?? run(copy, one);
    whole.set(one, before);
    if (before.broken ?? before.failed[0])
      return { held: false, why: `fails with it: ${before.broken ?? before.failed[0]}` };
    if (before.passed.length === 0) return { held: false, why: `no such test, or it is skipped here: ${one}` };
  }
  const place = join(copy, file);
  const text = readFileSync(place, "utf8");
  if (text.split(take).length !== 2)
    return { held: false, why: `what is to be taken out is not there once in ${file}` };
  try {
    writeFileSync(
      place,
      text.replace(take, () => put),
    );
    for (const one of tests) {
      const { failed, broken } = run(copy, one);
      if (broken !== null) return { held: false, why: `cannot be loaded without it: ${broken}` };
      if (failed[0] !== undefined) return { held: true, why: failed[0] };
    }
    return { held: false, why: `all pass without it: ${tests.join(", ")}` };
  } finally {
    writeFileSync(place, text);
  }
}

function run(copy: string, test: string): Run {
  const { path, name } = testOf(test);
  const report = join(copy, "take-out.json");
  rmSync(report, { force: true });
  const vitest = join(copy, "node_modules/vitest/vitest.mjs");
  const only = name === null ? [] : ["-t", name.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&")];
  const { stderr } = spawnSync(
    process.execPath,
    [vitest, "run", path, ...only, "--reporter=json", `--outputFile=${report}`],
    { cwd: copy, encoding: "utf8", env: { ...process.env, CI: "1" } },
  );
  return runOf(report, stderr);
}

type Report = {
  testResults: {
    message: string;
    status: string;
    assertionResults: { fullName: string; status: string; failureMessages: string[] | null }[];
  }[];
};

function runOf(report: string, stderr: string): Run {
  let told: Report;
  try {
    told = JSON.parse(readFileSync(report, "utf8")) as Report;
  } catch {
    return { passed: [], failed: [], broken: firstLine(stderr) };
  }
  const all = told.testResults.flatMap(({ assertionResults }) => assertionResults);
  const failed = all.filter(({ status }) => status === "failed");
  const unloaded = told.testResults.find(({ status, assertionResults }) => {
    return status === "failed" && assertionResults.every((one) => one.status !== "failed" && one.status !== "passed");
  });
  return {
    passed: all.filter(({ status }) => status === "passed").map(({ fullName }) => fullName),
    failed: failed.map(({ fullName, failureMessages }) => `${fullName} [${firstLine(failureMessages?.[0] ?? "")}]`),
    broken: unloaded ? firstLine(unloaded.message) || "its tests did not run" : null,
  };
}

function firstLine(text: string): string {
  const [line = ""] = text.trim().split("\n");
  return line.length > 160 ? `${line.slice(0, 160)}…` : line;
}

/** A copy without what belongs to this machine; it shares the packages. */
function copyOfTree(): string {
  const copy = mkdtempSync(join(tmpdir(), "leadkeep-take-out-"));
  cpSync(root, copy, {
    recursive: true,
    preserveTimestamps: true,
    filter: (source) => !leftBehind.has(relative(root, source)),
  });
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  return copy;
}
