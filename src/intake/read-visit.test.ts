import { expect, test } from "vitest";
import { indexFields } from "./field-index.ts";
import { readVisit } from "./read-visit.ts";

const hutk = "0123456789abcdef0123456789abcdef";
const none = indexFields({});

test("the visitor id is read from the script's snapshot, a hidden field, or the cookie", () => {
  expect(readVisit({ hutk }, none, null)).toEqual({ hutk });
  expect(readVisit(JSON.stringify({ hubspotutk: hutk }), none, null)).toEqual({ hutk });
  expect(readVisit(undefined, indexFields({ hubspotutk: hutk }), null)).toEqual({ hutk });
  expect(readVisit(undefined, none, `a=b; hubspotutk=${hutk}; c=d`)).toEqual({ hutk });
});

test("the page's title comes along, cut to a sensible length", () => {
  expect(readVisit({ page_name: "Quote" }, none, null)).toEqual({ pageName: "Quote" });
  expect(readVisit({ pageTitle: "x".repeat(2_000) }, none, null).pageName).toHaveLength(512);
});

test.each([
  ["none"],
  ["not hubspotutk=x"],
  ["hubspotutk="],
  [`hubspotutk=${"x".repeat(300)}`],
  ["hubspotutk=<script>"],
])("what is no visitor id is left out: %s", (cookies) => {
  expect(readVisit(undefined, none, cookies)).toEqual({});
});

test("where the script ran, the cookie is not looked at: the visitor has not agreed to it", () => {
  expect(readVisit({ url: "https://example.com/" }, none, `hubspotutk=${hutk}`)).toEqual({});
});
