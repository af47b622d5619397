import { expect, test } from "vitest";
import { type ConsentControl, defaultConsents } from "../model/form.ts";
import type { Json, JsonObject } from "../model/json.ts";
import { indexFields } from "./field-index.ts";
import { readConsents } from "./read-consents.ts";

function read(fields: JsonObject, reserved: JsonObject = {}, controls: readonly ConsentControl[] = defaultConsents) {
  const asked = {
    index: indexFields(fields),
    reserved: new Map(Object.entries(reserved)),
    pageUrl: "https://e.example/",
    now: 5,
  };
  return readConsents(controls, asked);
}

const grants: Json[] = ["true", "on", "yes", "1", "YES", " On ", true, 1, ["0", "1"]];
const refusals: Json[] = ["", "false", "off", "no", "0", "2", false, 0, null, {}, [], ["0"]];

test.each(grants)("%j grants", (consent) => {
  expect(read({ consent })).toMatchObject([{ purpose: "enquiry", action: "granted" }]);
});

test.each(refusals)("%j refuses", (consent) => {
  expect(read({ consent })).toMatchObject([{ purpose: "enquiry", action: "refused" }]);
});

test("a control that was not sent gives no event", () => {
  expect(read({ email: "x", constructor: "y" })).toEqual([]);
});

test("an event tells where, when, how and with which wording", () => {
  expect(read({ "Marketing-Consent": "on" }, { _consent_text: "Yes, write to me." })).toEqual([
    {
      purpose: "marketing",
      action: "granted",
      text: "Yes, write to me.",
      version: null,
      at: 5,
      source: "form",
      control: "marketing_consent",
      pageUrl: "https://e.example/",
    },
  ]);
});

test("the configured wording and version go before what the form sent", () => {
  const controls = [{ field: "consent", purpose: "enquiry", text: "Configured.", version: "3" }];
  expect(read({ consent: "on" }, { _consent_text: "Sent." }, controls)).toMatchObject([
    { text: "Configured.", version: "3" },
  ]);
});

test.each<Json>([
  { consent: "By field.", marketing: "By purpose." },
  '{"consent":"By field.","marketing":"By purpose."}',
])("wordings may be given by field or purpose: %j", (wordings) => {
  const events = read({ consent: "on", marketing_consent: "on" }, { _consent_text: wordings });
  expect(events.map(({ text }) => text)).toEqual(["By field.", "By purpose."]);
});

test.each<Json>([
  '{"marketing":true,"analytics":false}',
  { marketing: true, analytics: false },
  [{ purpose: "marketing", granted: true }, { purpose: "analytics", granted: false }, "junk", { purpose: "x" }],
])("_consent tells of purposes without a control: %j", (declared) => {
  expect(read({}, { _consent: declared }).map(({ purpose, action }) => [purpose, action])).toEqual([
    ["marketing", "granted"],
    ["analytics", "refused"],
  ]);
});

test("_consent carries wording and version", () => {
  const declared = [{ purpose: "marketing", granted: true, text: "Shown.", version: 2 }];
  expect(read({}, { _consent: declared })).toMatchObject([{ text: "Shown.", version: "2", control: "_consent" }]);
});

test("a control decides over _consent", () => {
  expect(read({ consent: "" }, { _consent: { enquiry: true } })).toMatchObject([{ action: "refused" }]);
});

test.each<Json>(["nonsense", "{", 5, null, "[1]"])("_consent %j says nothing", (declared) => {
  expect(read({}, { _consent: declared })).toEqual([]);
});
