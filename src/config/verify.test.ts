import { expect, test } from "vitest";
import type { ConfigProblem } from "../model/errors.ts";
import { parseVerifyAt, verifyTime } from "./verify.ts";

test("a time of day is read, and never is none", () => {
  expect([parseVerifyAt("03:00"), parseVerifyAt(" 23:59 "), parseVerifyAt("never")]).toEqual([
    { hour: 3, minute: 0 },
    { hour: 23, minute: 59 },
    null,
  ]);
  for (const wrong of ["24:00", "3", "03:60", "noon", ""]) expect(() => parseVerifyAt(wrong)).toThrow(RangeError);
});

test("the config file goes before the variable, and three at night before nothing", () => {
  const problems: ConfigProblem[] = [];
  expect(verifyTime(undefined, undefined, problems)).toEqual({ hour: 3, minute: 0 });
  expect(verifyTime({}, null, problems)).toBeNull();
  expect(verifyTime({ at: "4:30" }, null, problems)).toEqual({ hour: 4, minute: 30 });
  expect(verifyTime(false, { hour: 1, minute: 0 }, problems)).toBeNull();
  expect(problems).toEqual([]);
  verifyTime({ at: "soon" }, undefined, problems);
  expect(problems).toMatchObject([{ path: "verify.at" }]);
});
