import { execFileSync } from "node:child_process";
import { statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { until } from "../support/until.ts";
import { aProgram, lacks } from "./a-program.ts";

/**
 * A disk that takes no more, as a user without rights can make one: no file may grow any further. (A real full disk, for which one has to
 * be root, is in test/end-to-end/bad-input.test.ts.)
 */
test("the disk is full: 503 until there is room again, nothing accepted is lost, and nobody has to do anything", async (context) => {
  const missing = lacks("prlimit");
  context.skip(missing !== null, missing ?? "");
  // A process that goes past its limit is sent a signal, which would be a fault of another kind.
  const program = await aProgram({ limits: "trap '' XFSZ" });
  const limit = (bytes: string): void => void execFileSync("prlimit", [`--pid=${program.pid}`, `--fsize=${bytes}:`]);
  const accepted = [(await program.post()).lead];
  const log = join(program.folder, "data", "ledger.db-wal");

  limit(String(statSync(log).size + 100_000));
  const refused = await until(async () => {
    const { answer, lead } = await program.post(30_000);
    accepted.push(lead);
    return answer.status === 503 && answer;
  });
  expect([refused.headers["retry-after"], JSON.parse(refused.body).code]).toEqual(["5", "ledger_unavailable"]);
  // Not even the little that readiness writes.
  limit("4096");
  expect((await fetch(`${program.url}/readyz`)).status).toBe(503);
  expect((await fetch(`${program.url}/healthz`)).status).toBe(200);

  limit("unlimited");
  const { lead } = await until(async () => {
    const posted = await program.post(30_000);
    return posted.lead !== null && posted;
  });
  accepted.push(lead);
  const records = await program.records();
  expect(accepted.filter((one) => one !== null && !records.has(one))).toEqual([]);
}, 60_000);
