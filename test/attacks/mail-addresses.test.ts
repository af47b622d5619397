import { expect, test } from "vitest";
import { headerText, isPlainAddress } from "../../src/destinations/mail/address.ts";

test.each([
  "a@example.com\r\nBcc: b@example.com",
  "a@example.com\nb@example.com",
  "a\r\nBcc: b@example.com",
  "a\u2028b@example.com",
  "a\0@example.com",
  "a@example.com,b@example.com",
  "a,b@example.com",
  "a;b@example.com",
  "a b@example.com",
  "b@evil.example <a@example.com",
  "<a@example.com>",
  '"a, b"@example.com',
  "(a)b@example.com",
  "group:a@example.com",
  "a\\b@example.com",
  "@example.com:a@example.com",
  "a@b@example.com",
  "a@[127.0.0.1]",
  "a@example.com/../../etc/passwd",
  "a@-example.com",
  "@example.com",
  "a@",
  `${"a".repeat(65)}@example.com`,
])("mail header injection: %j is no one's address", (text) => {
  expect(isPlainAddress(text)).toBe(false);
});

test("mail header injection: a header's text is one line without control characters, and no encoded word", () => {
  const typed = "a\r\nBcc: b@example.com\0\x1b[31m\x85c\u2028d\u2029e\x7f =?utf-8?q?=0d=0aBcc:_b=40example.com?=";
  const text = headerText(typed);
  expect(text).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
  expect(text).not.toContain("=?");
  expect(text).toMatch(/^a Bcc: b@example\.com \[31m c d e = \?utf-8/);
});
