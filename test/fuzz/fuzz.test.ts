import { expect, test } from "vitest";
import { fuzz, type TargetName } from "./fuzz.ts";

/** The short form of `npm run fuzz`: about two seconds each. The same inputs every time, so that it fails for a change and not by chance. */
const inputs: Record<TargetName, number> = {
  intake: 1_500,
  config: 1_000,
  "retry-after": 3_000,
  answers: 400,
  api: 1_500,
  smtp: 80,
};

test.each(Object.entries(inputs) as [TargetName, number][])(
  "%s: whatever comes in, nothing crashes, nothing leaks, every answer is well-formed and true",
  async (target, count) => {
    const report = await fuzz({ target, inputs: count, seed: 20_261_124, log: () => {} });
    expect(report.failures).toEqual([]);
    expect(report.inputs).toBe(count);
  },
  120_000,
);
