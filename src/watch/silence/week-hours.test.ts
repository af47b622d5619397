import fc from "fast-check";
import { expect, test } from "vitest";
import { hourMs, weekHours } from "./week-hours.ts";

const monday = Date.UTC(2026, 9, 19);

test("hours of the week are counted from Monday on, by the clock of the zone", () => {
  expect([...weekHours(monday, 3, "UTC")]).toEqual([0, 1, 2]);
  expect([...weekHours(monday - hourMs, 3, "UTC")]).toEqual([167, 0, 1]);
  expect([...weekHours(monday, 2, "Europe/Berlin")]).toEqual([2, 3]);
  expect([...weekHours(monday, 2, "America/New_York")]).toEqual([164, 165]);
});

test("a change of the clocks leaves an hour out, or repeats it", () => {
  const sunday = 6 * 24;
  const march = Date.UTC(2026, 2, 28, 23);
  expect([...weekHours(march, 4, "Europe/Berlin")]).toEqual([0, 1, 3, 4].map((hour) => sunday + hour));
  const october = Date.UTC(2026, 9, 24, 23);
  expect([...weekHours(october, 4, "Europe/Berlin")]).toEqual([1, 2, 2, 3].map((hour) => sunday + hour));
});

test("every hour is what it is on its own, whatever range it is asked in", () => {
  const zones = fc.constantFrom("UTC", "Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe", "America/St_Johns");
  fc.assert(
    fc.property(fc.nat(20_000), fc.nat(1_500), zones, (start, length, zone) => {
      const from = Date.UTC(2025, 0, 1) + start * hourMs;
      const last = weekHours(from + length * hourMs, 1, zone)[0];
      expect(weekHours(from, length + 1, zone)[length]).toBe(last);
    }),
    { numRuns: 50 },
  );
});

test("a zone that does not exist is an error", () => {
  expect(() => weekHours(monday, 1, "Europe/Atlantis")).toThrow(RangeError);
});
