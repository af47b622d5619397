import { expect, test } from "vitest";
import type { Json, JsonObject } from "../model/json.ts";
import { indexFields } from "./field-index.ts";
import { readAttribution } from "./read-attribution.ts";

const read = (given: { script?: Json; fields?: JsonObject; referer?: string }) =>
  readAttribution(given.script, indexFields(given.fields ?? {}), given.referer ?? null);

const referer = "https://example.com/quote?utm_source=mail&gclid=AbC#top";

test("the script's snapshot wins as a whole over fields and Referer", () => {
  const script = { url: "https://example.com/a", utm_source: "News", referrer: "https://www.example.org/" };
  const expected = {
    url: "https://example.com/a",
    referrer: "https://www.example.org/",
    parameters: { utm_source: "News" },
    from: "script",
  };
  expect(read({ script, fields: { gclid: "x" }, referer })).toEqual(expected);
  expect(read({ script: JSON.stringify(script), fields: { gclid: "x" }, referer })).toEqual(expected);
});

test("plain fields win over the Referer", () => {
  expect(read({ fields: { page_url: "https://example.com/p", utm_medium: "cpc", ScCid: "Zz" }, referer })).toEqual({
    url: "https://example.com/p",
    referrer: null,
    parameters: { utm_medium: "cpc", ScCid: "Zz" },
    from: "fields",
  });
});

test("the Referer is the page, and its query says the campaign", () => {
  expect(read({ referer })).toEqual({
    url: referer,
    referrer: null,
    parameters: { utm_source: "mail", gclid: "AbC" },
    from: "referer",
  });
});

test("nothing to read is said to be nothing", () => {
  expect(read({})).toEqual({ url: null, referrer: null, parameters: {}, from: "none" });
});

test.each(["not json", "{", "[]", "{}", '{"other":1}', '{"url":"javascript:alert(1)"}', 7])(
  "the snapshot %j says nothing, so the next source is read",
  (script) => {
    expect(read({ script, referer }).from).toBe("referer");
  },
);

test("empty hidden inputs say nothing", () => {
  expect(read({ fields: { utm_source: "", page_url: "", gclid: " " }, referer }).from).toBe("referer");
});

test("parameters missing from a snapshot are read from its page's query, never from another source", () => {
  const page = "https://example.com/?fbclid=IwAR_x&other=1";
  expect(read({ script: { url: page }, referer }).parameters).toEqual({ fbclid: "IwAR_x" });
  expect(read({ fields: { page_url: page }, referer }).parameters).toEqual({ fbclid: "IwAR_x" });
  expect(read({ fields: { page_url: page, utm_term: "t" }, referer }).parameters).toEqual({ utm_term: "t" });
});

test("only known parameters are kept, unaltered, the first of several, and none past 2 048 characters", () => {
  const script = { utm_source: " A b ", gclid: "g".repeat(2_049), evil: "x", fbclid: "AbC-_" };
  expect(read({ script }).parameters).toEqual({ utm_source: " A b ", fbclid: "AbC-_" });
  expect(read({ referer: "https://example.com/?gclid=1&gclid=2&GCLID=3" }).parameters).toEqual({ gclid: "1" });
  expect(read({ referer: "https://example.com/#?gclid=1" }).parameters).toEqual({});
});

test.each([
  ["https://example.com/a b", "https://example.com/a%20b"],
  ["https://ann:secret@example.com/x?y", "https://example.com/x?y"],
  ["HTTPS://Example.com/@ann", "https://example.com/@ann"],
  ["javascript:alert(1)", null],
  ["//example.com", null],
  ["https://", null],
  ["android-app://com.example", null],
  [`https://example.com/${"a".repeat(8_192)}`, null],
])("the address %j is kept as %j", (sent, kept) => {
  expect(read({ fields: { page_url: sent, utm_source: "s" } }).url).toBe(kept);
});

test("text inside the snapshot is sanitised too", () => {
  expect(read({ script: '{"utm_source":"a\\u0000b\\ud800"}' }).parameters).toEqual({ utm_source: "ab\ufffd" });
});
