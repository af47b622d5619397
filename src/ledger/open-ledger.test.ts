import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { startNode } from "../../test/support/node-process.ts";
import { ConfigError, LedgerUnavailable } from "../model/errors.ts";
import { openLedgerAt, withPgBoss, withPostgres } from "./open-ledger.ts";

const interests = { statusAt: [], oncePerPerson: [] };

/** What Node says when a file elsewhere, with no packages beside it, imports one. */
async function importingFrom(code: string): Promise<Error> {
  const folder = mkdtempSync(join(tmpdir(), "leadkeep-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "importing.mjs");
  writeFileSync(file, code);
  const script = `import(${JSON.stringify(pathToFileURL(file).href)}).catch((e) => console.log(JSON.stringify([e.code, e.message])))`;
  const node = startNode(script);
  await node.printed(1);
  const [errorCode, message] = JSON.parse(node.lines[0] ?? "") as [string, string];
  return Object.assign(new Error(message), { code: errorCode });
}

test("a missing package pg is told with its cure, by the name of the variable", async () => {
  const missing = await importingFrom('import "pg";');
  const opened = withPostgres(() => Promise.reject(missing));
  await expect(opened).rejects.toThrow(ConfigError);
  await expect(opened).rejects.toThrow(/DATABASE_URL: .* package pg is not installed.*npm install pg/);
});

test("a missing package pg-boss is told with its cure, by the name of the variable", async () => {
  const missing = await importingFrom('import "pg-boss";');
  const opened = withPgBoss(() => Promise.reject(missing));
  await expect(opened).rejects.toThrow(ConfigError);
  await expect(opened).rejects.toThrow(/LEADKEEP_ENGINE: .*pg-boss.*not installed.*npm install pg-boss/);
});

test("another missing file is not taken for a missing package", async () => {
  const missing = await importingFrom('import "./nowhere.mjs";');
  await expect(withPostgres(() => Promise.reject(missing))).rejects.toBe(missing);
});

test("a Postgres that cannot be reached is told without its password", async () => {
  const url = "postgres://user:s3cr3t@127.0.0.1:1/leads";
  const opened = openLedgerAt({ type: "postgres", url, connections: 2 }, interests);
  await expect(opened).rejects.toThrow(LedgerUnavailable);
  await expect(opened).rejects.not.toThrow(/s3cr3t/);
});
