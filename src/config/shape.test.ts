import { expect, test } from "vitest";
import { webhook } from "../destinations/index.ts";
import { shapeProblems } from "./shape.ts";

const paths = (config: unknown): string[] => shapeProblems(config).map(({ path }) => path);

test.each<[string, unknown]>([
  ["nothing", {}],
  ["false where something may be off", { alerts: false, verify: false, forms: { contact: { honeypot: false } } }],
  ["a destination made by its function", { destinations: { crm: webhook({ url: "https://example.com" }) } }],
  ["keys that are there without a value", { forms: undefined, alerts: undefined }],
])("%s is of the right shape", (_, config) => {
  expect(shapeProblems(config)).toEqual([]);
});

test.each<[unknown, string[]]>([
  [null, ["the configuration"]],
  [{ forms: null }, ["forms"]],
  [{ forms: { contact: null } }, ["forms.contact"]],
  [
    { forms: { contact: { origins: "https://example.com", fields: {} } } },
    ["forms.contact.fields", "forms.contact.origins"],
  ],
  [
    { destinations: { crm: { url: "https://example.com" } } },
    ["destinations.crm.definition", "destinations.crm.settings"],
  ],
  [{ alerts: { mail: 5, webhooks: [null] } }, ["alerts.mail", "alerts.webhooks.0"]],
  [{ retention: { leads: 30 } }, ["retention.leads"]],
  [JSON.parse('{"forms":{"__proto__":null}}'), ["forms.__proto__"]],
])("%j is told of at %j", (config, expected) => {
  expect(paths(config).toSorted()).toEqual(expected);
});

test("a mistyped key is told of, not passed over: a form whose origins are ignored takes posts from anywhere", () => {
  expect(shapeProblems({ forms: { contact: { orgins: ["https://example.com"] } } })).toEqual([
    {
      path: "forms.contact.orgins",
      message: "is not known.",
      cure: "See docs/configuration.md for what belongs there.",
    },
  ]);
});

test("values are not quoted: a secret may stand where it does not belong", () => {
  expect(JSON.stringify(shapeProblems({ forms: { contact: { origins: "hush" } } }))).not.toContain("hush");
});
