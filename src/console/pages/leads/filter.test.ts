import { expect, test } from "vitest";
import { chosenIn, filterFor, leadsPath } from "./filter.ts";

test("an address says which leads to list, and what it cannot mean is passed over", () => {
  const chosen = chosenIn(new URLSearchParams("form=quote&delivery=dead&stage=napping&sorted=1&q="));
  expect(filterFor(chosen)).toEqual({ form: "quote", delivery: "dead" });
});

test("a day is the viewer's own, from its beginning to that of the next", () => {
  const { since, until } = filterFor({ since: "2026-03-29", until: "2026-03-29" });
  expect([since, until]).toEqual([new Date(2026, 2, 29).toISOString(), new Date(2026, 2, 30).toISOString()]);
});

test("what is no day sets no bound", () => {
  expect(filterFor({ since: "yesterday", until: "2026-3-1" })).toEqual({});
});

test("the address of a list holds only what is chosen", () => {
  expect(leadsPath({ source: "a&b", form: "" })).toBe("/leads?source=a%26b");
  expect(leadsPath({})).toBe("/leads");
});
