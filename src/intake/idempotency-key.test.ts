import { expect, test } from "vitest";
import { keyInField, keyInHeader } from "./idempotency-key.ts";

test.each([
  [null, null],
  ["abc", "abc"],
  ['  "abc"  ', "abc"],
  ["a b", "a b"],
  ["k".repeat(255), "k".repeat(255)],
])("the header %j carries the key %j", (header, key) => {
  expect(keyInHeader(header)).toEqual({ type: "key", key });
});

test.each(["", '""', " ", "a\u0007b", "k".repeat(256)])("the header %j is malformed", (header) => {
  expect(keyInHeader(header)).toMatchObject({ type: "refused", code: "malformed" });
});

test("an unusable _key is ignored", () => {
  expect([" k ", 7, "", "k".repeat(256), { a: 1 }, undefined].map(keyInField)).toEqual([
    "k",
    "7",
    null,
    null,
    null,
    null,
  ]);
});
