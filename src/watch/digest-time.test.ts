import { expect, test } from "vitest";
import { dueDigest } from "./digest-time.ts";

const monday = { weekday: 1, minutes: 8 * 60 };
const hour = 3_600_000;
/** 23 November 2026 is a Monday; times are this machine's. */
const at = (day: number, hours: number) => new Date(2026, 10, day, hours).getTime();

test("a digest is due once, when its time has come, and tells of the week before", () => {
  const due = dueDigest(monday, at(20, 0), at(23, 8));
  expect(due.period?.until).toBe(at(23, 8));
  expect(due.period && due.period.until - due.period.since).toBe(7 * 24 * hour);
  expect(dueDigest(monday, due.digestAt, at(23, 9)).period).toBeNull();
  expect(dueDigest(monday, due.digestAt, at(30, 7)).period).toBeNull();
  expect(dueDigest(monday, due.digestAt, at(30, 8)).period?.until).toBe(at(30, 8));
});

test("the first look notes the time and sends nothing", () => {
  expect(dueDigest(monday, null, at(24, 12))).toEqual({ period: null, digestAt: at(24, 12) });
});

test("one that nobody was there to send is made up for within two days", () => {
  expect(dueDigest(monday, at(20, 0), at(24, 20)).period?.until).toBe(at(23, 8));
  expect(dueDigest(monday, at(20, 0), at(27, 8)).period).toBeNull();
});

test("a clock set back sends none twice", () => {
  const { digestAt } = dueDigest(monday, at(20, 0), at(23, 8));
  const back = dueDigest(monday, digestAt, at(22, 8));
  expect(back).toEqual({ period: null, digestAt: at(22, 8) });
});
