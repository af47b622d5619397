import { expect, test } from "vitest";
import { inkOn, readableOn } from "./colour.ts";

test("text on a brand's colour is white or black, whichever reads better", () => {
  expect([inkOn("#2450a8"), inkOn("#f5b301"), inkOn("#ffffff"), inkOn("#000000")]).toEqual([
    "#ffffff",
    "#111418",
    "#111418",
    "#ffffff",
  ]);
});

test("a colour that reads well is kept, and one that does not is darkened or lightened until it does", () => {
  expect(readableOn("#ffffff", "#2450a8")).toBe("#2450a8");
  expect(readableOn("#ffffff", "#f5b301")).toMatch(/^#[0-9a]/);
  expect(readableOn("#1d222b", "#2450a8")).not.toBe("#2450a8");
});
