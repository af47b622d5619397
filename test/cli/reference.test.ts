import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { file, withReference } from "../../scripts/cli-reference.ts";

test("docs/cli.md lists every command as the program has it; if not: node scripts/cli-reference.ts", () => {
  const text = readFileSync(file, "utf8");
  expect(text).toBe(withReference(text));
});
