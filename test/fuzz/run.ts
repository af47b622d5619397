import { parseArgs } from "node:util";
import { type FuzzReport, fuzz, type TargetName, targets } from "./fuzz.ts";

/**
 * `npm run fuzz [-- --inputs 1000000 --seed 7 --target intake]`: the long form, with its figures. The inputs are shared out among the
 * targets. Ends with 1 when something did not hold; `test/fuzz/failures` then has the inputs.
 */
const { values } = parseArgs({
  options: {
    inputs: { type: "string", default: "1000000" },
    seed: { type: "string", default: String(Math.floor(Math.random() * 1_000_000)) },
    target: { type: "string" },
  },
});
/** Of each hundred inputs: as many as a target's speed allows without the others waiting for it. */
const shares: Record<TargetName, number> = {
  intake: 26,
  config: 17,
  "retry-after": 25,
  answers: 12,
  api: 18,
  smtp: 2,
};

const named = values.target;
if (named !== undefined && !(named in targets)) {
  console.error(`There is no target ${named}. Targets: ${Object.keys(targets).join(", ")}.`);
  process.exit(2);
}
const seed = Number(values.seed);
console.log(`Seed ${seed}.`);
let broken = 0;
for (const target of Object.keys(targets) as TargetName[]) {
  if (named !== undefined && target !== named) continue;
  const inputs = Math.ceil(Number(values.inputs) * (named === undefined ? shares[target] / 100 : 1));
  const report = await fuzz({ target, inputs, seed, log: progress() });
  for (const line of linesOf(report)) console.log(line);
  broken += report.failures.length;
}
process.exitCode = broken > 0 ? 1 : 0;

function linesOf({ target, inputs, tookMs, figures, heap, handles, failures }: FuzzReport): string[] {
  const mebibytes = heap.map((bytes) => (bytes / 2 ** 20).toFixed(1));
  return [
    `${target.padEnd(14)}${inputs} inputs in ${Math.round(tookMs / 1_000)} s`,
    `  came to       ${Object.entries(figures)
      .map(([what, count]) => `${what} ${count}`)
      .join(", ")}`,
    `  heap          ${mebibytes.join(" → ")} MiB from half-way to the end, handles ${handles.join(" → ")}`,
    ...failures.map((failure) => `  BROKEN: ${failure}`),
  ];
}

/** What failed at once, and otherwise a line every few seconds. */
function progress(): (line: string) => void {
  let next = 0;
  return (line) => {
    const isProgress = /: \d+ of \d+$/.test(line);
    if (isProgress && performance.now() < next) return;
    if (isProgress) next = performance.now() + 10_000;
    console.log(line);
  };
}
