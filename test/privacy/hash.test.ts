import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { checkConfig } from "../../src/config/config.ts";
import { secretsOf } from "../../src/config/secret-file.ts";
import type { ConfigError } from "../../src/model/errors.ts";
import { aGateway } from "../support/a-gateway.ts";
import { aFolder } from "../support/sqlite-file.ts";

const today = new RegExp(`^hmac-sha256:${new Date().toISOString().slice(0, 10).replaceAll("-", "")}:[0-9a-f]{64}$`);

/** The hashes of the same visitor's address on leads of two gateways, one after the other, on one data folder. */
async function hashes(variables: Record<string, string>, folder = join(aFolder(), "data")) {
  const found: (string | null)[] = [];
  for (let i = 0; i < 2; i++) {
    const site = await aGateway({ dataFolder: folder, variables });
    found.push((await site.record(await site.post({ email: "ada@example.com" }))).lead.ipAddress);
    await site.close();
  }
  return { found, files: readdirSync(folder) };
}

test("a visitor's address is hashed under the key of the day, which a restart keeps", async () => {
  const { found, files } = await hashes({});
  expect(found[0]).toMatch(today);
  expect(found[1]).toBe(found[0]);
  expect(files).toContain("day-keys");
});

test("LEADKEEP_IP_HASH=stable hashes it under the secret, with no key of a day", async () => {
  const { found, files } = await hashes({ LEADKEEP_IP_HASH: "stable" });
  expect(found[0]).toMatch(/^hmac-sha256:[0-9a-f]{8}:[0-9a-f]{64}$/);
  expect(found[0]).not.toMatch(today);
  expect(found[1]).toBe(found[0]);
  expect(files).not.toContain("day-keys");
});

test("LEADKEEP_IP_HASH=none keeps none", async () => {
  expect((await hashes({ LEADKEEP_IP_HASH: "none" })).found).toEqual([null, null]);
});

test("LEADKEEP_IP_TRUNCATE=1 makes another hash, that of the network", async () => {
  const folder = join(aFolder(), "data");
  const { found: whole } = await hashes({}, folder);
  const { found: network } = await hashes({ LEADKEEP_IP_TRUNCATE: "1" }, folder);
  expect(network[0]).toMatch(today);
  expect(network[0]).not.toBe(whole[0]);
});

test("LEADKEEP_OLD_SECRETS follow the secret in use", async () => {
  const [secret, old, older] = ["a".repeat(16), "b".repeat(16), "c".repeat(16)];
  const options = await checkConfig({}, { LEADKEEP_SECRET: secret, LEADKEEP_OLD_SECRETS: `${old}, ${older}` });
  expect(secretsOf(options)).toEqual([secret, old, older]);
});

test("wrong variables are named without their values", async () => {
  const variables = { LEADKEEP_OLD_SECRETS: "too-short", LEADKEEP_IP_HASH: "weekly", LEADKEEP_IP_TRUNCATE: "/24" };
  const error = await checkConfig({}, variables).catch((thrown: unknown) => thrown);
  const { problems } = error as ConfigError;
  expect(problems.map(({ path }) => path).sort()).toEqual(Object.keys(variables).sort((a, b) => (a < b ? -1 : 1)));
  expect(JSON.stringify(problems)).not.toMatch(/too-short|weekly/);
});
