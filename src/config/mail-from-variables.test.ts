import { expect, test } from "vitest";
import { ConfigError } from "../model/errors.ts";
import { checkConfig } from "./config.ts";
import type { Variables } from "./environment.ts";

const mail = { SMTP_URL: "smtp://localhost:25", MAIL_FROM: "Example <hello@example.com>", MAIL_TO: "team@example.com" };

test("three variables turn on both mails, on the ground of answering the enquiry", async () => {
  const { destinations } = await checkConfig({}, mail);
  expect(destinations.map(({ id, need, backup }) => [id, need.basis, backup])).toEqual([
    ["mail-team", "answering-the-enquiry", true],
    ["mail-customer", "answering-the-enquiry", false],
  ]);
});

test("without MAIL_TO only the person is written to", async () => {
  expect((await checkConfig({}, { ...mail, MAIL_TO: "" })).destinations.map(({ id }) => id)).toEqual(["mail-customer"]);
});

test("a slow mail server is waited for a minute, unless LEADKEEP_TIMEOUT says otherwise", async () => {
  expect((await checkConfig({}, mail)).destinations.map(({ timeoutMs }) => timeoutMs)).toEqual([60_000, 60_000]);
  const { destinations } = await checkConfig({}, { ...mail, LEADKEEP_TIMEOUT: "5s" });
  expect(destinations.map(({ timeoutMs }) => timeoutMs)).toEqual([5_000, 5_000]);
});

test.each<[string, Variables, string]>([
  ["SMTP_URL alone", { SMTP_URL: mail.SMTP_URL }, "MAIL_FROM"],
  ["MAIL_FROM alone", { MAIL_FROM: mail.MAIL_FROM }, "SMTP_URL"],
  ["MAIL_TO alone", { MAIL_TO: mail.MAIL_TO }, "SMTP_URL"],
  ["a wrong server", { ...mail, SMTP_URL: "https://user:marked@example.com" }, "SMTP_URL"],
  ["a wrong sender", { ...mail, MAIL_FROM: "marked" }, "MAIL_FROM"],
  ["a wrong recipient", { ...mail, MAIL_TO: "team@example.com, marked" }, "MAIL_TO"],
  ["a language without texts", { ...mail, MAIL_LANGUAGE: "marked" }, "MAIL_LANGUAGE"],
])("%s stops the start, naming the variable and not its value", async (_, variables, path) => {
  const error = await problemsOf(variables);
  expect(error.problems.map((problem) => problem.path)).toEqual([path]);
  expect(error.message).not.toContain("marked");
});

async function problemsOf(variables: Variables): Promise<ConfigError> {
  try {
    await checkConfig({}, variables);
  } catch (error) {
    if (error instanceof ConfigError) return error;
  }
  throw new Error("the configuration was taken");
}
