import { expect, test } from "vitest";
import { checkConfig } from "./config.ts";

const DATABASE_URL = "postgres://leadkeep:secret@127.0.0.1:5432/leads";

test("without a word claims look straight into the ledger", async () => {
  expect(await checkConfig({}, { DATABASE_URL })).toMatchObject({ databaseEngine: "ledger", databaseBackend: null });
});

test("pg-boss is asked for by name, and told which database it is on", async () => {
  const variables = { DATABASE_URL, LEADKEEP_ENGINE: "pg-boss", LEADKEEP_BACKEND: "citus" };
  expect(await checkConfig({}, variables)).toMatchObject({ databaseEngine: "pg-boss", databaseBackend: "citus" });
});

test.each([
  ["an engine nobody knows", { DATABASE_URL, LEADKEEP_ENGINE: "redis" }, /LEADKEEP_ENGINE: .*"ledger" or "pg-boss"/],
  ["pg-boss without Postgres", { LEADKEEP_ENGINE: "pg-boss" }, /LEADKEEP_ENGINE: .*needs Postgres.*DATABASE_URL/],
  ["a backend without pg-boss", { DATABASE_URL, LEADKEEP_BACKEND: "citus" }, /LEADKEEP_BACKEND: .*not in use/],
])("%s stops the start, and says how to mend it", async (_, variables, message) => {
  await expect(checkConfig({}, variables)).rejects.toThrow(message);
});
