import { expect, test } from "vitest";
import { aForm, aRequest } from "../../test/support/intake.ts";
import { thanksLocation } from "./thanks-location.ts";

const form = aForm({ origins: ["https://example.com"], thanks: "https://example.com/thanks" });

test.each([
  ["/done?x=1#y", "/done?x=1#y"],
  ["/d\u00f6ne", "/d%C3%B6ne"],
  ["https://example.com/done", "https://example.com/done"],
  ["https://leads.example.com/x", "https://leads.example.com/x"],
])("_redirect %j leads to %j", (asked, location) => {
  expect(thanksLocation(form, aRequest(), asked)).toBe(location);
});

test.each([
  "//evil.example",
  "/\\evil.example",
  "\\\\evil.example",
  "/\t/evil.example",
  "/.//evil.example",
  "https://evil.example",
  "https://example.com.evil.example",
  "https://example.com@evil.example",
  "http://example.com/",
  "https://user:pass@example.com/",
  "javascript:alert(1)",
  "data:text/html,x",
  "done",
  "http://here.invalid/x",
  "/ok\r\nset-cookie: x\r\n//",
  "",
])("_redirect %j is never followed away from the form's own origins", (asked) => {
  const location = thanksLocation(form, aRequest(), asked);
  expect(["https://example.com/thanks", "/okset-cookie:%20x//"]).toContain(location);
});

test("without thanks the built-in page is next to the form's path", () => {
  expect(thanksLocation(aForm(), aRequest({ path: "/mounted/f/contact" }), undefined)).toBe(
    "/mounted/f/contact/thanks",
  );
});

test("thanks may be relative, and only http or https", () => {
  expect(thanksLocation(aForm({ thanks: "/thank-you" }), aRequest(), undefined)).toBe("/thank-you");
  expect(thanksLocation(aForm({ thanks: "javascript:alert(1)" }), aRequest(), undefined)).toBe("/f/contact/thanks");
});
