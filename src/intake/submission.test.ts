import { expect, test } from "vitest";
import type { Json } from "../model/json.ts";
import type { Pair } from "./parse-body.ts";
import { toSubmission } from "./submission.ts";

function formData(pairs: readonly Pair[]) {
  const submission = toSubmission(pairs);
  return submission.type === "submission" ? submission.formData : submission.code;
}

function nested(levels: number): Json {
  let value: Json = "deep";
  for (let level = 0; level < levels; level++) value = level % 2 ? [value] : { in: value };
  return value;
}

test("repeated fields become lists, and a field named as a list is one with a single value", () => {
  expect(
    formData([
      ["a", "1"],
      ["b", ["x"]],
      ["a", "2"],
      ["a", "3"],
    ]),
  ).toEqual({ a: ["1", "2", "3"], b: ["x"] });
});

test("NUL characters go and lone surrogates are replaced, in names and values at any depth", () => {
  expect(formData([["a\0b", { "c\0": ["x\0y", "\ud800z"] }]])).toEqual({ ab: { c: ["xy", "\ufffdz"] } });
});

test("__proto__ is dropped at any depth, and names of object methods are ordinary data", () => {
  const hostile: Json = JSON.parse('{"__proto__":{"admin":true},"kept":1}');
  const data = formData([
    ["__proto__", "x"],
    ["\0__proto__", "x"],
    ["a", hostile],
    ["constructor", "c"],
    ["toString", "t"],
  ]);
  expect(data).toEqual({ a: { kept: 1 }, constructor: "c", toString: "t" });
  expect(Object.getPrototypeOf(data)).toBe(Object.prototype);
});

test("reserved fields are kept apart from the person's own", () => {
  const submission = toSubmission([
    ["_key", "k"],
    ["email", "e"],
    ["__x", "y"],
  ]);
  expect(submission).toMatchObject({
    formData: { email: "e" },
    reserved: new Map([
      ["_key", "k"],
      ["__x", "y"],
    ]),
  });
});

test("values of any length are kept", () => {
  expect(formData([["message", "m".repeat(200_000)]])).toEqual({ message: "m".repeat(200_000) });
});

test("64 levels are read and more are malformed, however many", () => {
  expect(formData([["a", nested(63)]])).toEqual({ a: nested(63) });
  expect(formData([["a", nested(64)]])).toBe("malformed");
  expect(formData([["a", nested(100_000)]])).toBe("malformed");
});

test("1 000 fields are read and more are malformed", () => {
  const fields = (count: number) => Array.from({ length: count }, (_, index): Pair => [`f${index}`, ""]);
  expect(Object.keys(formData(fields(1_000)))).toHaveLength(1_000);
  expect(formData(fields(1_001))).toBe("malformed");
});

test("10 000 values are read and more are malformed", () => {
  const values = (count: number) => Array.from({ length: count }, (): Pair => ["a", ""]);
  expect(formData(values(10_000))).toHaveProperty("a.length", 10_000);
  expect(formData(values(10_001))).toBe("malformed");
  expect(formData([["a", Array.from({ length: 10_000 }, () => 1)]])).toBe("malformed");
});
