import { expect, test } from "vitest";
import type { Json } from "../../model/json.ts";
import { converted } from "./convert.ts";
import type { Property } from "./properties.ts";

function aProperty(type: string, overrides: Partial<Property> = {}): Property {
  return { name: "a", type, fieldType: "text", options: [], readOnly: false, unique: false, ...overrides };
}

const roofs = [
  { label: "Pitched, tiles", value: "pitched_tiles" },
  { label: "Flat", value: "flat" },
];
const yesNo = [
  { label: "Yes", value: "true" },
  { label: "No", value: "false" },
];

test.each<[Json, string, string | null]>([
  ["1,200", "number", "1200"],
  ["€ 30", "number", "30"],
  ["01234", "number", null],
  ["+44 20 7946 0018", "number", null],
  ["about ten", "number", null],
  ["yes", "bool", "true"],
  [false, "bool", "false"],
  ["maybe", "bool", null],
  ["2026-11-24", "date", "2026-11-24"],
  ["24 Nov 2026 10:00 UTC", "datetime", "2026-11-24T10:00:00.000Z"],
  ["soon", "date", null],
  [["a", "b"], "string", "a, b"],
  ["+442079460018", "string", "+442079460018"],
  [42, "string", "42"],
])("%j for a property of type %s is %j", (value, type, expected) => {
  expect(converted(value, aProperty(type))).toBe(expected);
});

test.each<[Json, string, string | null]>([
  ["flat", "select", "flat"],
  ["FLAT", "select", "flat"],
  ["Pitched, tiles", "select", "pitched_tiles"],
  ["Thatched", "select", null],
  [["Flat", "Pitched, tiles"], "checkbox", "flat;pitched_tiles"],
  ["Flat; Pitched, tiles", "checkbox", null],
  [["Flat", "Pitched, tiles"], "select", null],
])("the option for %j of a %s is %j", (value, fieldType, expected) => {
  expect(converted(value, aProperty("enumeration", { fieldType, options: roofs }))).toBe(expected);
});

test("a yes is the option of a yes-or-no property", () => {
  const property = aProperty("enumeration", { fieldType: "booleancheckbox", options: yesNo });
  expect([true, "on", "No"].map((value) => converted(value, property))).toEqual(["true", "true", "false"]);
});

test("nothing goes to a property that cannot be written", () => {
  expect(converted("x", aProperty("string", { readOnly: true }))).toBeNull();
});

test("a text longer than HubSpot takes is cut, and says so", () => {
  const text = converted("x".repeat(70_000), null);
  expect(text).toHaveLength(65_536);
  expect(text?.endsWith("(cut off)")).toBe(true);
});
