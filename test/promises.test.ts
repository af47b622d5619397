import { existsSync, globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

/** The promises, by their titles. */
const promises = [
  "Kept before thanked",
  "Never dropped",
  "Once in effect",
  "Nothing leaves without consent",
  "One destination's trouble stays its own",
  "The visitor never waits for a third party",
  "Everything is written down",
  "No secret and no personal data",
  "Suspected spam is quarantined, never deleted",
  "Erased means erased",
];

const root = fileURLToPath(new URL("..", import.meta.url));
const titles = /\b(?:test|describe)(?:\.\w+)*\(\s*(["'`])(.*?)\1/g;
const readme = readFileSync(`${root}README.md`, "utf8");
const [, stated = ""] = /^## Promises\n(.*?)^## /ms.exec(readme) ?? [];

/** The files that have a test or a group of tests with these words in its name. */
function testsNamed(words: string): string[] {
  const files = globSync(["src/**/*.test.ts", "test/**/*.ts"], { cwd: root }).filter(
    (file) => !file.includes("promises"),
  );
  return files.filter((file) => {
    const names = [...readFileSync(root + file, "utf8").matchAll(titles)].map(([, , name = ""]) => name);
    return names.some((name) => name.toLowerCase().includes(words.toLowerCase()));
  });
}

test.for(promises)("“%s” is the name of a test", async (promise, { annotate }) => {
  const files = testsNamed(promise);
  await annotate(`held by ${files.join(", ")}`);
  expect(files).not.toEqual([]);
});

test("the README states no promise that has no test of its name", () => {
  const bold = [...stated.matchAll(/^\d+\. \*\*(.+?)\.?\*\*/gm)].map(([, title = ""]) => title);
  expect(bold.length).toBeGreaterThan(5);
  for (const title of bold) expect(promises.filter((promise) => title.startsWith(promise))).toHaveLength(1);
});

test("what the README links its promises to is there, and is a test or the suite of one", () => {
  const items = stated.split(/^(?=\d+\. )/m).filter((item) => /^\d/.test(item));
  for (const item of items) {
    const links = [...item.matchAll(/\]\(([^)]+)\)/g)].map(([, link = ""]) => link);
    expect(links).not.toEqual([]);
    for (const link of links) expect([link, link.startsWith("test/") && existsSync(root + link)]).toEqual([link, true]);
  }
});
