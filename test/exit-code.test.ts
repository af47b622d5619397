import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const server = fileURLToPath(new URL("support/postgres-server.ts", import.meta.url));

test("a run of tests that failed says so, also with a Postgres in it", () => {
  const program = `await import(${JSON.stringify(server)}); process.exitCode = 3;`;
  const { status } = spawnSync(process.execPath, ["--no-warnings", "--input-type=module", "--eval", program]);
  expect(status).toBe(3);
});
