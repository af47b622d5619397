import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { bitsOf, checkSecrets } from "../../src/cli/doctor/secrets.ts";
import { aFolder } from "../support/sqlite-file.ts";

const good = "5f0c1f6f9a7b4f0e8d2c3b1a9e8f7d6c5b4a39281706f5e4";
const of = (name: string, results: ReturnType<typeof checkSecrets>) => results.find(({ what }) => what === name);

test.each([
  ["an example's", "change-me-change-me", "example"],
  ["an example's, in angle brackets", "<your secret goes in here>", "example"],
  ["a word everybody tries", "MySecret-2026-11-24", "word"],
  ["a run", "abcdefghijklmnopqrstuvwxyz", "guess"],
  ["a repetition", "abababababababababab", "guess"],
])("a secret that is %s is a problem, with how to make a better one", (_, value, detail) => {
  const found = of("LEADKEEP_SECRET", checkSecrets({ LEADKEEP_SECRET: value }));
  expect(found).toMatchObject({ result: "problem", detail: expect.stringContaining(detail) });
  expect(found?.cure).toContain("openssl rand -hex 32");
  expect(found?.cure).toContain("LEADKEEP_OLD_SECRETS");
  expect(JSON.stringify(found)).not.toContain(value);
});

test("a secret is a problem while it is the one .env.example shows, and when two are the same", () => {
  expect(
    of("LEADKEEP_API_TOKEN", checkSecrets({ LEADKEEP_API_TOKEN: good }, { example: { LEADKEEP_API_TOKEN: good } })),
  ).toMatchObject({ result: "problem" });
  const twins = checkSecrets({ LEADKEEP_SECRET: good, LEADKEEP_API_TOKEN: good });
  expect(of("LEADKEEP_API_TOKEN", twins)).toMatchObject({
    result: "problem",
    detail: "is the same as LEADKEEP_SECRET",
  });
});

test("tokens of vendors that are still an example's are found, and others are not judged", () => {
  const results = checkSecrets({
    HUBSPOT_ACCESS_TOKEN: "pat-…",
    PIPEDRIVE_API_TOKEN: "demo",
    SMTP_URL: "smtp://your-user@host",
  });
  expect(results.filter(({ result }) => result === "problem").map(({ what }) => what)).toEqual([
    "HUBSPOT_ACCESS_TOKEN",
    "SMTP_URL",
  ]);
});

test("a secret that is not set is made here, and is missing where several machines share a Postgres", () => {
  expect(of("LEADKEEP_SECRET", checkSecrets({}))).toMatchObject({ result: "ok" });
  expect(of("LEADKEEP_SECRET", checkSecrets({}, { shared: true }))).toMatchObject({
    result: "problem",
    cure: expect.stringContaining("same on every machine"),
  });
});

test("a secret in a file is judged like any other", () => {
  const file = join(aFolder(), "secret");
  writeFileSync(file, "changeme changeme\n");
  expect(of("LEADKEEP_SECRET", checkSecrets({ LEADKEEP_SECRET_FILE: file }))).toMatchObject({ result: "problem" });
});

test("a password of random letters is fine", () => {
  expect(of("LEADKEEP_ADMIN_PASSWORD", checkSecrets({ LEADKEEP_ADMIN_PASSWORD: "gR7-vMq2-xTn9" }))?.result).toBe("ok");
});

test("what openssl makes is always hard enough to guess", () => {
  const made = fc
    .integer({ min: 16, max: 48 })
    .chain((n) => fc.constantFrom("hex" as const, "base64" as const).map((as) => [n, as] as const));
  fc.assert(
    fc.property(made, ([n, as]) => bitsOf(randomBytes(n).toString(as)) >= 48),
    { numRuns: 300 },
  );
});
