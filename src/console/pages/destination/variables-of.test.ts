import { expect, test } from "vitest";
import { variablesOf } from "./variables-of.ts";

const variables = [
  "ZAPIER_WEBHOOK_URL",
  "CRM_WEBHOOK_URL",
  "CRM_WEBHOOK_SECRET",
  "HUBSPOT_ACCESS_TOKEN",
  "GOOGLE_SHEET_ID",
  "PORT",
].map((name) => ({ name, set: true, source: "environment" as const, what: "" }));
const zapier = { id: "zapier", kind: "zapier" };
const webhook = { id: "webhook", kind: "webhook" };

test("a destination's variables begin with a word of its kind", () => {
  expect(variablesOf({ id: "sheets", kind: "google-sheets" }, variables, [])).toEqual(["GOOGLE_SHEET_ID"]);
});

test("what bears another destination's name is not taken for this one's", () => {
  expect(variablesOf(webhook, variables, [zapier, webhook])).toEqual(["CRM_WEBHOOK_URL", "CRM_WEBHOOK_SECRET"]);
});

test("a variable that is not set made nothing", () => {
  const unset = variables.map((one) => ({ ...one, set: false }));
  expect(variablesOf(webhook, unset, [])).toEqual([]);
});
