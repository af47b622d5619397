import { readFileSync, writeFileSync } from "node:fs";
import { expect } from "vitest";

/** What pieces of work cost, by their names. */
export type Counts = Record<string, Record<string, number>>;

const file = new URL("counts.json", import.meta.url);
const committed = JSON.parse(readFileSync(file, "utf8")) as Counts;
/** `UPDATE_WORK=1 npx vitest run test/work` writes down what it counts instead of comparing. */
const updates = process.env.UPDATE_WORK === "1";
const found: Counts = {};

/** Holds a piece of work to what counts.json says it costs. `within`: a part by which it may cost more or less. @default 0 */
export function expectWork(name: string, counted: Record<string, number>, within = 0): void {
  found[name] = counted;
  if (updates) return;
  const allowed = committed[name] ?? {};
  const why = `"${name}" costs something else than test/work/counts.json says; UPDATE_WORK=1 writes that down`;
  expect(counted, why).toEqual(within > 0 ? roughly(allowed, counted, within) : allowed);
}

/** What is allowed, and in its place what was counted where that is near enough. */
function roughly(allowed: Record<string, number>, counted: Record<string, number>, within: number) {
  return Object.fromEntries(
    Object.entries(allowed).map(([what, usual]) => {
      const count = counted[what] ?? 0;
      return [what, Math.abs(count - usual) <= usual * within ? count : usual];
    }),
  );
}

/** Writes down what was counted, when that was asked for; what was not counted this time stays. */
export function writeCounts(): void {
  if (updates) writeFileSync(file, `${JSON.stringify({ ...committed, ...found }, null, 2)}\n`);
}
