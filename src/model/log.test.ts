import { expect, test } from "vitest";
import { traceOf } from "./log.ts";

test("a trace tells an error's name, code and places", () => {
  const trace = traceOf(Object.assign(new RangeError("too much"), { code: "E_MUCH" }));
  expect(trace).toMatchObject({ name: "RangeError", code: "E_MUCH" });
  expect(trace.at[0]).toMatch(/^at .*log\.test\.ts:\d+:\d+\)?$/);
});

test("a trace has nothing of the message, whatever the message looks like", () => {
  const { at } = traceOf(new Error("Hello,\n    at ada@example.com:1:1\n    at home"));
  expect(at.length).toBeGreaterThan(0);
  expect(at.join()).not.toMatch(/ada@example\.com|home/);
});

test("a message changed since the error was made hides the places too, since it is not known where it ended", () => {
  const error = new Error("before\n    at ada@example.com");
  expect(error.stack).toContain("before");
  error.message = "test";
  expect(traceOf(error).at).toEqual([]);
});

test("what is thrown and no error is told by its type alone", () => {
  expect(traceOf("ada@example.com")).toEqual({ name: "string", at: [] });
});
