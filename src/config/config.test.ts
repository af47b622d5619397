import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { webhook } from "../destinations/index.ts";
import { ConfigError, type ConfigProblem } from "../model/errors.ts";
import { checkConfig, type LeadkeepConfig } from "./config.ts";
import { loadConfig } from "./load-config.ts";
import { secretOf } from "./secret-file.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "leadkeep-config-"));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function problemsOf(config: LeadkeepConfig, variables: Record<string, string> = {}): Promise<ConfigProblem[]> {
  try {
    await checkConfig(config, variables);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

test("nothing at all is a configuration: any form, no destination", async () => {
  const options = await checkConfig({}, {});
  expect([options.forms, options.destinations, options.port, options.host]).toEqual([null, [], 8787, "127.0.0.1"]);
});

test("each webhook variable makes its destination, which needs consent for the enquiry", async () => {
  const url = "https://example.com/hook";
  const enquiry = { purpose: "enquiry", basis: "consent", withoutConsent: "withhold" };
  const { destinations } = await checkConfig(
    {},
    { ZAPIER_WEBHOOK_URL: url, MAKE_WEBHOOK_URL: url, CRM_WEBHOOK_URL: url },
  );
  expect(destinations.map(({ id, kind, need }) => [id, kind, need])).toEqual([
    ["zapier", "zapier", enquiry],
    ["make", "make", enquiry],
    ["webhook", "webhook", enquiry],
  ]);
});

test("a file's destination replaces the variable's of the same id", async () => {
  const { destinations } = await checkConfig(
    { destinations: { webhook: webhook({ url: "https://example.com/b", purpose: "marketing" }) } },
    { CRM_WEBHOOK_URL: "https://example.com/a" },
  );
  expect(destinations.map(({ id, need }) => [id, need.purpose])).toEqual([["webhook", "marketing"]]);
});

test("X_FILE names a file that holds X", async () => {
  const file = join(folder, "hook");
  writeFileSync(file, "https://example.com/hook\n");
  expect((await checkConfig({}, { CRM_WEBHOOK_URL_FILE: file })).destinations).toHaveLength(1);
  expect((await problemsOf({}, { CRM_WEBHOOK_URL_FILE: `${file}-not` }))[0]?.path).toBe("CRM_WEBHOOK_URL_FILE");
});

test("an empty variable is an absent one", async () => {
  expect((await checkConfig({}, { CRM_WEBHOOK_URL: "", PORT: "" })).port).toBe(8787);
});

test("every problem is listed at once, with its path and a cure, and never a value", async () => {
  const problems = await problemsOf(
    {
      forms: {
        Contact: {},
        quote: {
          origins: ["https://example.com/path", "example.com"],
          destinations: ["crm"],
          thanks: "javascript:alert(1)",
        },
      },
      destinations: {
        hook: webhook({ url: "not-an-address", schedule: "soon", timeoutMs: -1 }),
        // @ts-expect-error a misspelt option
        other: webhook({ url: "https://example.com", secrt: "whsec_hush" }),
      },
    },
    {
      PORT: "http",
      LEADKEEP_SCHEDULE: "5 bananas",
      LEADKEEP_SECRET: "short-secret",
      DATABASE_URL: "mysql://u:pw@h/d",
    },
  );
  expect(problems.map(({ path }) => path).sort()).toEqual([
    "DATABASE_URL",
    "LEADKEEP_SCHEDULE",
    "LEADKEEP_SECRET",
    "PORT",
    "destinations.hook.schedule",
    "destinations.hook.timeoutMs",
    "destinations.hook.url",
    "destinations.other",
    "forms.Contact",
    "forms.quote.destinations",
    "forms.quote.origins",
    "forms.quote.origins",
    "forms.quote.thanks",
  ]);
  expect(problems.every(({ message, cure }) => message !== "" && cure !== "")).toBe(true);
  expect(JSON.stringify(problems)).not.toMatch(/short-secret|whsec_hush|not-an-address|u:pw/);
});

test("variables of a sheet that lack another, and a broken key, are named at start, without the key", async () => {
  const pathsOf = async (variables: Record<string, string>) =>
    (await problemsOf({}, variables)).map(({ path }) => path);
  expect(await pathsOf({ GOOGLE_SHEET_ID: "1abc" })).toEqual(["GOOGLE_PRIVATE_KEY", "GOOGLE_SERVICE_ACCOUNT_EMAIL"]);
  const account = { GOOGLE_SHEET_ID: "1abc", GOOGLE_SERVICE_ACCOUNT_EMAIL: "robot@project.example.com" };
  const broken = { ...account, GOOGLE_PRIVATE_KEY: "-----BEGIN PRIVATE KEY-----\\nMIIEvQIBADANBg" };
  expect(await pathsOf(broken)).toEqual(["GOOGLE_PRIVATE_KEY"]);
  await expect(checkConfig({}, broken)).rejects.toThrow(/is cut off/);
  await expect(checkConfig({}, broken)).rejects.not.toThrow(/MIIEvQ/);
});

test("a TypeScript config file is loaded as it is, and .env fills what the process does not say", async () => {
  writeFileSync(
    join(folder, "leadkeep.config.ts"),
    'const id: string = "quote";\nexport default { forms: { [id]: {} } };\n',
  );
  writeFileSync(join(folder, ".env"), "PORT=1234\nHOST=0.0.0.0\n");
  const options = await loadConfig(folder, { PORT: "4321" });
  expect([[...(options.forms?.keys() ?? [])], options.port, options.host]).toEqual([["quote"], 4321, "0.0.0.0"]);
});

describe("a config file that cannot be used says so", () => {
  test.each([
    ["cannot be loaded", "export default {"],
    ["no default export", "export const forms = {};"],
  ])("%s", async (message, source) => {
    writeFileSync(join(folder, "leadkeep.config.mjs"), source);
    await expect(loadConfig(folder, {})).rejects.toThrow(message);
  });
});

test("the secret is made once, readable by its owner only", async () => {
  const secret = secretOf(join(folder, "data"));
  expect(secret).toMatch(/^[\w-]{43}$/);
  expect(secretOf(join(folder, "data"))).toBe(secret);
  expect(statSync(join(folder, "data/secret")).mode & 0o777).toBe(0o600);
});

test("Pipedrive's token and domain go together, unless another address is given", async () => {
  const paths = async (variables: Record<string, string>) => (await problemsOf({}, variables)).map(({ path }) => path);
  expect(await paths({ PIPEDRIVE_API_TOKEN: "token" })).toEqual(["PIPEDRIVE_DOMAIN"]);
  expect(await paths({ PIPEDRIVE_DOMAIN: "acme" })).toEqual(["PIPEDRIVE_API_TOKEN"]);
  expect(await paths({ PIPEDRIVE_API_TOKEN: "token", PIPEDRIVE_DOMAIN: "not a domain" })).toEqual(["PIPEDRIVE_DOMAIN"]);
  expect(await paths({ PIPEDRIVE_API_TOKEN: "token", PIPEDRIVE_BASE_URL: "https://example.com" })).toEqual([]);
});
