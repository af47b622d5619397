import { expect, test } from "vitest";
import { indexFields } from "./field-index.ts";
import { readName } from "./person-name.ts";

test.each([
  ["Ann Example", "Ann Example", "Ann", "Example"],
  ["  Ann \t Marie\n Example ", "Ann Marie Example", "Ann Marie", "Example"],
  ["Ludwig van Beethoven", "Ludwig van Beethoven", "Ludwig", "van Beethoven"],
  ["Maria De La Cruz", "Maria De La Cruz", "Maria", "De La Cruz"],
  ["Van Example", "Van Example", "Van", "Example"],
  ["Example, Ann Marie", "Ann Marie Example", "Ann Marie", "Example"],
  ["Ann Example, PhD", "Ann Example, PhD", "Ann", "Example, PhD"],
  ["Ann", "Ann", "Ann", null],
  ["\u5c71\u7530", "\u5c71\u7530", "\u5c71\u7530", null],
])("the name %j is %j: %j, %j", (typed, name, firstName, lastName) => {
  expect(readName(indexFields({ "Full Name": typed }))).toEqual({ name, firstName, lastName });
});

test("first and last name make the whole", () => {
  expect(readName(indexFields({ first_name: " Ann ", lastName: "Example" }))).toEqual({
    name: "Ann Example",
    firstName: "Ann",
    lastName: "Example",
  });
  expect(readName(indexFields({ last_name: "Example" }))).toMatchObject({ name: "Example", firstName: null });
});

test("parts given beside the whole are kept as given", () => {
  expect(readName(indexFields({ name: "Dr Ann Example", first_name: "Ann" }))).toEqual({
    name: "Dr Ann Example",
    firstName: "Ann",
    lastName: "Example",
  });
});

test("no name is null, not an empty text", () => {
  expect(readName(indexFields({ name: " ", first_name: "" }))).toEqual({ name: null, firstName: null, lastName: null });
});
