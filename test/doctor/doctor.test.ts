import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Finding } from "../../src/cli/doctor/check.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/index.ts";
import { runLeadkeep } from "../support/leadkeep-command.ts";
import { aFolder } from "../support/sqlite-file.ts";

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await startSandbox();
});
afterEach(() => sandbox.close());

const variables = () => ({
  CRM_WEBHOOK_URL: sandbox.vendors.webhook.url,
  LEADKEEP_ALLOW_PRIVATE_NETWORK: "1",
  PORT: "0",
});

async function look(args: readonly string[], more: Record<string, string> = {}, folder = aFolder()) {
  const ended = await runLeadkeep(["doctor", ...args, "--json"], { folder, variables: { ...variables(), ...more } });
  return { ...ended, findings: JSON.parse(ended.stdout) as Finding[], folder };
}

test("doctor looks at everything, leaves nothing behind, and is content with a sound set-up", async () => {
  const { code, findings, folder } = await look([]);
  const topics = new Set(findings.map(({ topic }) => topic));
  expect([...topics]).toEqual([
    "ledger",
    "node",
    "configuration",
    "secrets",
    "files",
    "storage",
    "gateway",
    "public",
    "origins",
    "destination",
    "clock",
    "retention",
  ]);
  expect(findings.filter(({ result }) => result === "problem")).toEqual([]);
  expect([code, existsSync(join(folder, ".leadkeep"))]).toEqual([0, false]);
  expect(sandbox.vendors.webhook.records.size).toBe(0);
}, 20_000);

test("doctor tells everything wrong with a configuration instead of stopping at it", async () => {
  const { code, findings } = await look([], { PORT: "many", LEADKEEP_TIMEOUT: "soon" });
  const wrong = findings.filter(({ topic }) => topic === "configuration");
  expect([code, wrong.map(({ what }) => what).sort()]).toEqual([1, ["LEADKEEP_TIMEOUT", "PORT"]]);
});

test("doctor says in words what is wrong, what to do, and how much that is; never a secret", async () => {
  const folder = aFolder();
  mkdirSync(join(folder, ".leadkeep"));
  writeFileSync(join(folder, ".env"), "LEADKEEP_SECRET=change-me-marked-secret\n", { mode: 0o600 });
  const ended = await runLeadkeep(["doctor"], { folder, variables: variables() });
  expect(ended.code).toBe(1);
  expect(ended.stdout).toMatch(/^BAD {2}LEADKEEP_SECRET: .*\n {7}→ Set it to what this prints: openssl/m);
  expect(ended.stdout).toMatch(/\d+ looked at: 1 wrong, \d+ to note\./);
  expect(ended.stdout + ended.stderr).not.toContain("marked-secret");
}, 20_000);

test("doctor --probe delivers by itself where no gateway is at work, and waits for the verdict", async () => {
  const { code, findings, stderr } = await look(["webhook", "--probe"]);
  expect(findings.at(-1)).toMatchObject({ topic: "probe", destination: "webhook", result: "ok" });
  expect([code, sandbox.vendors.webhook.records.size]).toEqual([0, 1]);
  expect(stderr).toContain("No gateway is at work here");
}, 20_000);
