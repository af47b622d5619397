import { expect, test } from "vitest";
import { ConfigError } from "../model/errors.ts";
import { checkConfig, type LeadkeepConfig } from "./config.ts";

async function allowed(config: LeadkeepConfig, variables: Record<string, string> = {}): Promise<readonly string[]> {
  return (await checkConfig(config, variables)).allowHosts;
}

test("nothing private is allowed unless it is named", async () => {
  expect(await allowed({})).toEqual([]);
});

test("hosts come from the variable, and the config file goes before it", async () => {
  const variables = { LEADKEEP_ALLOW_HOSTS: "crm.internal, 10.1.2.0/24,fd00::/8" };
  expect(await allowed({}, variables)).toEqual(["crm.internal", "10.1.2.0/24", "fd00::/8"]);
  expect(await allowed({ network: { allow: ["10.0.0.1"] } }, variables)).toEqual(["10.0.0.1"]);
});

test.each([
  "https://crm.internal",
  "crm.internal:8080",
  "10.1.2.0/33",
  "fd00::/129",
  "10.1/16",
  "0x7f.1",
  "a b",
  "",
  "*",
])("%j is no host", async (host) => {
  const problem = await checkConfig({ network: { allow: [host] } }, {}).catch((error: unknown) => error);
  expect(problem).toBeInstanceOf(ConfigError);
  expect((problem as ConfigError).problems.map(({ path }) => path)).toEqual(["network.allow.0"]);
});
