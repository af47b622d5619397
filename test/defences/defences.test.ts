import { existsSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { expect, test } from "vitest";
import { defences, testOf } from "../../scripts/take-out.ts";

const root = new URL("../../", import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), "utf8");

test("every defence that is taken out is there, once, and named once", async () => {
  const all = (await defences()).map(({ defence }) => defence);
  const wrong = all.filter(({ file, take, put }) => read(file).split(take).length !== 2 || take === put);
  expect(wrong.map(({ name, file }) => `${name}: ${file}`)).toEqual([]);
  const names = all.map(({ name, put }) => `${name} ${put}`);
  expect(names.filter((name, n) => names.indexOf(name) !== n)).toEqual([]);
  expect(all.length).toBeGreaterThan(100);
});

test("every test that is to notice is there", async () => {
  const named = (await defences()).flatMap(({ defence }) => defence.tests);
  expect(named.filter((one) => !isThere(one))).toEqual([]);
});

/** Values in a test's name are filled in when it runs, and its group's name stands in front: parts of it have to do. */
function isThere(named: string): boolean {
  const { path, name } = testOf(named);
  if (!existsSync(new URL(path, root))) return false;
  if (name === null) return true;
  const texts = [...withImported(path).matchAll(/"([^"\n]+)"|`([^`]+)`/g)].map(
    ([, quoted, template]) => quoted ?? template ?? "",
  );
  const parts = texts.flatMap((text) => text.split(/%[a-z]|\$\{[^}]*\}/)).filter((part) => part.length >= leastPart);
  return parts.some((part) => part.includes(name) || name.includes(part));
}

const leastPart = 6;

/** A file of tests with what it imports of `test`: suites stand in files of their own. */
function withImported(path: string, seen = new Set<string>()): string {
  if (seen.has(path)) return "";
  seen.add(path);
  const text = read(path);
  const imported = [...text.matchAll(/from "(\.[^"]+\.ts)"/g)].map(([, name = ""]) => posix.join(path, "..", name));
  return [text, ...imported.filter((one) => one.startsWith("test/")).map((one) => withImported(one, seen))].join("\n");
}
