import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { aFolder } from "../../test/support/sqlite-file.ts";
import { createDayKeys } from "./day-keys.ts";

const noon = Date.UTC(2026, 10, 24, 12);
const dayMs = 86_400_000;

/** Day keys at a time the test may move, and how often they complained. */
function aDay(folder = join(aFolder(), "day-keys")) {
  const clock = { now: noon, warned: 0 };
  const keys = createDayKeys(folder, { now: () => clock.now, warn: () => (clock.warned += 1) });
  return { folder, clock, keys };
}

test("all processes on a folder have the same key of the day, which only this user can read", () => {
  const { folder, keys } = aDay();
  const { id, key } = keys.today();
  expect(id).toBe("20261124");
  expect(aDay(folder).keys.today()).toMatchObject({ id, key });
  expect(statSync(join(folder, "20261124")).mode & 0o777).toBe(0o600);
});

test("another day has another key, drawn and not derived", () => {
  const { clock, keys } = aDay();
  const first = keys.today();
  clock.now += dayMs;
  expect(keys.today().id).toBe("20261125");
  expect(keys.today().key).not.toBe(first.key);
  expect(aDay().keys.today().key).not.toBe(first.key);
});

test("keys older than yesterday's are destroyed, also what a killed process left of one", () => {
  const { folder, clock, keys } = aDay();
  keys.today();
  writeFileSync(join(folder, "20261124.4711.0a1b2c3d"), "a draft");
  clock.now += dayMs;
  keys.today();
  expect(readdirSync(folder).sort()).toEqual(["20261124", "20261124.4711.0a1b2c3d", "20261125"]);
  clock.now += dayMs;
  keys.destroyOld();
  expect(readdirSync(folder)).toEqual(["20261125"]);
});

test("a process still before midnight leaves the key alone that another one past it has made", () => {
  const { folder, clock, keys } = aDay();
  clock.now += dayMs;
  const { key } = keys.today();
  aDay(folder).keys.destroyOld();
  expect(readFileSync(join(folder, "20261125"), "utf8").trim()).toBe(key);
});

test("where the folder cannot be written the key lives in memory, under an id of its own", () => {
  const folder = join(aFolder(), "day-keys");
  // Also root can make no file inside a file.
  writeFileSync(folder, "in the way");
  const { clock, keys } = aDay(folder);
  expect(keys.today().id).toMatch(/^20261124-[0-9a-f]{8}$/);
  expect(keys.today()).toBe(keys.today());
  expect(clock.warned).toBe(1);
  expect(aDay(folder).keys.today().key).not.toBe(keys.today().key);
});

test("a folder that can only be read still gives the day's key", () => {
  const { folder, keys } = aDay();
  const { key } = keys.today();
  chmodSync(folder, 0o500);
  expect(aDay(folder).keys.today().key).toBe(key);
  chmodSync(folder, 0o700);
});

test("other files in the folder are left alone", () => {
  const { folder, keys } = aDay();
  mkdirSync(folder);
  writeFileSync(join(folder, "README"), "");
  keys.today();
  keys.destroyOld();
  expect(readdirSync(folder).sort()).toEqual(["20261124", "README"]);
});
