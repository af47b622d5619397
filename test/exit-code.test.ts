import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const server = fileURLToPath(new URL("support/postgres-server.ts", import.meta.url));

test.for([0, 1, 3])("a run of tests ends as it went, also with a Postgres in it: %i", (code) => {
  const program = `await import(${JSON.stringify(server)}); process.exitCode = ${code};`;
  const { status } = spawnSync(process.execPath, ["--no-warnings", "--input-type=module", "--eval", program]);
  expect(status).toBe(code);
});
