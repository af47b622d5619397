import { expect, test } from "vitest";
import { databaseUrlProblem } from "./database-url.ts";

const secret = "s3cr3t";

test.each([
  `postgres://user:${secret}@db.example.com:5432/leads`,
  `postgresql://user:${secret}%23@db.example.com/leads?sslmode=verify-full`,
  `postgres://user:${secret}@/leads?host=/var/run/postgresql`,
])("%s is an address of a Postgres database", (url) => {
  expect(databaseUrlProblem(url)).toBeNull();
});

test.each([
  [`mysql://user:${secret}@db.example.com/leads`, /does not speak to \(mysql\)/],
  [`${secret}://user@db.example.com/leads`, /is not the address/],
  [`user:${secret}@db.example.com/leads`, /is not the address/],
  [secret, /is not the address/],
  [`postgres://user:${secret}@db.example.com:port/leads`, /is not the address/],
  [`postgres://user:${secret}%@db.example.com/leads`, /stray %/],
  [`postgres://user:p#${secret}@db.example.com/leads`, /.+/],
  [`postgres://user:${secret}@db.example.com`, /names no database/],
  [`postgres://user:${secret}@/leads`, /.+/],
])("what is wrong with %s is said without quoting it", (url, words) => {
  const problem = databaseUrlProblem(url);
  expect(problem).toMatch(words);
  expect(problem).not.toContain(secret);
});
