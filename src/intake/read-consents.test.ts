import { expect, test } from "vitest";
import { aForm } from "../../test/support/intake.ts";
import type { ConsentControl, Form } from "../model/form.ts";
import type { Json, JsonObject } from "../model/json.ts";
import { indexFields } from "./field-index.ts";
import { readConsents } from "./read-consents.ts";

function read(fields: JsonObject, reserved: JsonObject = {}, form: Partial<Form> = {}) {
  const asked = {
    index: indexFields(fields),
    reserved: new Map(Object.entries(reserved)),
    pageUrl: "https://e.example/",
    now: 5,
  };
  return readConsents(aForm(form), asked);
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
  const controls: ConsentControl[] = [{ field: "consent", purpose: "enquiry", text: "Configured.", version: "3" }];
  expect(read({ consent: "on" }, { _consent_text: "Sent." }, { consents: controls })).toMatchObject([
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

test.each(["ada@example.com", "020 7946 0018", "Ada\nLovelace", "", "x".repeat(65)])(
  "%j is no purpose: purposes are noted where nothing personal may be",
  (purpose) => {
    expect(read({}, { _consent: { [purpose]: true, "Partner offers": true } })).toMatchObject([
      { purpose: "Partner offers" },
    ]);
  },
);

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

const listed: Partial<Form> = {
  version: "7",
  otherPurposes: false,
  consents: [
    {
      field: "news",
      purpose: "marketing",
      text: "Send me news.",
      version: "2",
      locale: "en",
      confirm: "double-opt-in",
    },
    {
      field: "news",
      purpose: "marketing",
      text: "Schickt mir Neues.",
      version: "2",
      locale: "de",
      confirm: "double-opt-in",
    },
    { field: "share", purpose: "partner", text: "Tell Example Ltd.", recipients: ["Example Ltd"] },
  ],
};

test("a purpose nobody was asked about is not granted once the config lists what is asked", () => {
  expect(read({ consent: "on" }, { _consent: { analytics: true, enquiry: true } }, listed)).toEqual([]);
});

test("a yes that is to be confirmed is only requested, whichever way it is sent; a no is a no", () => {
  const actions = (fields: JsonObject, reserved: JsonObject = {}) =>
    read(fields, reserved, listed).map(({ purpose, action }) => `${purpose} ${action}`);
  expect(actions({ news: "on" })).toEqual(["marketing requested"]);
  expect(actions({}, { _consent: [{ purpose: "marketing", granted: true, text: "Sent." }] })).toEqual([
    "marketing requested",
  ]);
  expect(actions({ news: "" })).toEqual(["marketing refused"]);
});

test("an event carries the recipients named, the form's version and the wording's language", () => {
  const [news, share] = read({ news: "on", share: "on" }, {}, listed);
  expect(news).toMatchObject({ locale: "en", formVersion: "7" });
  expect(share).toMatchObject({ recipients: ["Example Ltd"], formVersion: "7", text: "Tell Example Ltd." });
  expect(share && "locale" in share).toBe(false);
});

test("what _consent tells of a listed purpose gets the configured wording, not the one sent", () => {
  const declared = [{ purpose: "marketing", granted: true, text: "Sent.", version: "9" }];
  expect(read({}, { _consent: declared }, listed)).toMatchObject([{ text: "Send me news.", version: "2" }]);
});

test.each<[Json, string]>([
  ["de", "Schickt mir Neues."],
  ["de_AT", "Schickt mir Neues."],
  ["EN-gb", "Send me news."],
  ["fr", "Send me news."],
  ["no language at all", "Send me news."],
  [["de"], "Schickt mir Neues."],
])("_locale %j picks the wording that was shown", (locale, text) => {
  const events = read({ news: "on" }, { _locale: locale }, listed);
  expect(events.map((event) => event.text)).toEqual([text]);
});

test("a wording without a language of its own is in the one the form says", () => {
  expect(read({ share: "on" }, { _locale: "de" }, listed)).toMatchObject([{ locale: "de" }]);
});
