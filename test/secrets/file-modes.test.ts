import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { commandFile } from "../support/leadkeep-command.ts";

const isWindows = process.platform === "win32";

/** Runs a command under a umask that takes nothing away: whatever is not asked for by the program is open to everybody. */
function withOpenUmask(folder: string, args: readonly string[], variables: Record<string, string>) {
  const child = spawn("sh", ["-c", 'umask 000; exec "$0" "$@"', process.execPath, commandFile, ...args], {
    cwd: folder,
    env: { PATH: process.env.PATH ?? "", ...variables },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  child.stdout.resume();
  return { child, ended: once(child, "close"), stderr: () => stderr };
}

async function run(folder: string, args: readonly string[], variables: Record<string, string>): Promise<void> {
  const { ended, stderr } = withOpenUmask(folder, args, variables);
  const [code] = await ended;
  expect([args[0], code, code === 0 ? "" : stderr()]).toEqual([args[0], 0, ""]);
}

/** Everything in a folder that somebody else can read, write or enter. */
function openToOthers(folder: string): string[] {
  const all = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return all.filter((name) => (statSync(join(folder, name)).mode & 0o077) !== 0);
}

test.skipIf(isWindows)(
  "under umask 000 nothing a gateway and its commands write is open to others",
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "leadkeep-modes-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const variables = {
      LEADKEEP_DATA: "deep/data",
      LEADKEEP_ENCRYPTION_KEY: randomBytes(32).toString("base64"),
      LEADKEEP_ALERT_EMAIL: "none",
      PORT: "0",
    };
    const gateway = withOpenUmask(folder, ["start"], variables);
    onTestFinished(() => void gateway.child.kill("SIGKILL"));
    const [, port] = await said(gateway, /127\.0\.0\.1:(\d+)/);
    const body = JSON.stringify({ email: "ada@example.com", consent: "yes" });
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`http://127.0.0.1:${port}/f/contact`, { method: "POST", headers, body });
    expect(answer.status).toBe(202);
    await run(folder, ["backup", "copy.db", "--with-keys"], variables);
    await run(folder, ["export", "ada@example.com", "--out", "ada.zip"], variables);
    await run(folder, ["verify", "--report", "report.json"], variables);
    expect(openToOthers(folder)).toEqual([]);
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
    const expected = ["ledger.db", "ledger.db-wal", "ledger.db-shm", "keys.db", "keys.db-wal", "secret", "day-keys"];
    expect(files).toEqual(expect.arrayContaining(expected.map((name) => join("deep/data", name))));
    expect(files).toEqual(expect.arrayContaining(["copy.db", "copy.db.keys", "ada.zip", "report.json"]));
    gateway.child.kill("SIGTERM");
    await gateway.ended;
    expect(openToOthers(folder)).toEqual([]);
  },
  60_000,
);

test.skipIf(isWindows)(
  "under umask 000 what init writes of secrets, and what import did not take, is open to nobody else",
  async () => {
    const [site, other] = [0, 1].map(() => mkdtempSync(join(tmpdir(), "leadkeep-modes-"))) as [string, string];
    onTestFinished(() => {
      for (const folder of [site, other]) rmSync(folder, { recursive: true, force: true });
    });
    writeFileSync(join(site, "package.json"), "{}");
    await run(site, ["init", "--yes", "--destination", "webhook"], {});
    expect(readFileSync(join(site, ".env"), "utf8")).toMatch(/^CRM_WEBHOOK_SECRET=/m);
    expect(statSync(join(site, ".env")).mode & 0o777).toBe(0o600);
    writeFileSync(join(other, "old.csv"), "email\nnobody\n", { mode: 0o600 });
    const args = ["import", "old.csv", "--form", "contact", "--basis", "legitimate-interest"];
    await withOpenUmask(other, args, { LEADKEEP_DATA: "data" }).ended;
    expect(readdirSync(other)).toContain("old.csv.rejected.csv");
    expect(openToOthers(other)).toEqual([]);
  },
  60_000,
);

async function said({ child, stderr, ended }: ReturnType<typeof withOpenUmask>, pattern: RegExp): Promise<string[]> {
  for (;;) {
    const found = pattern.exec(stderr());
    if (found) return [...found];
    await Promise.race([once(child.stderr, "data"), ended]);
    if (child.exitCode !== null) throw new Error(`ended: ${stderr()}`);
  }
}

test.skipIf(isWindows)(
  "the key that seals leads is in no message and no check",
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "leadkeep-modes-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const keys = [randomBytes(32), randomBytes(32)].map((key) => key.toString("base64"));
    const [first = "", second = ""] = keys;
    const texts: string[] = [];
    const collect = async (args: string[], variables: Record<string, string>) => {
      const one = withOpenUmask(folder, args, { LEADKEEP_DATA: "data", PORT: "0", ...variables });
      one.child.stdout.setEncoding("utf8").on("data", (text: string) => texts.push(text));
      await one.ended;
      texts.push(one.stderr());
    };
    await collect(["rotate-keys"], { LEADKEEP_ENCRYPTION_KEY: first });
    await collect(["leads"], { LEADKEEP_ENCRYPTION_KEY: second });
    await collect(["leads"], { LEADKEEP_ENCRYPTION_KEY: `${first.slice(0, 40)}` });
    await collect(["doctor", "--json"], { LEADKEEP_ENCRYPTION_KEY: first });
    expect(texts.join("")).toContain("encryption");
    for (const key of keys) expect(texts.join("")).not.toContain(key.slice(0, 12));
  },
  60_000,
);
