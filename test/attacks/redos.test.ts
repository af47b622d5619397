import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseAst } from "vite";
import { describe, expect, test } from "vitest";
import { defanged } from "../../src/destinations/mail/defang.ts";
import { numberOf } from "../../src/model/mapping.ts";
import { growthOf, parsePattern } from "../support/regex-work.ts";

const source = fileURLToPath(new URL("../../src", import.meta.url));
/** Never see a stranger's text: stand-ins for vendors, and a command that reads the site's own files. */
const elsewhere = /^(?:sandbox|cli\/init)\//;

/** Expressions whose work grows faster than the text, and why no text that a stranger sends is long enough to matter. */
const bounded: Record<string, string> = {
  "/\\/+$/": "addresses out of the configuration",
  "/%.*$/": "an address out of a header, which has no line feed: the first % reaches the end",
  "/\\B(?=(\\d{3})+$)/g": "a number of ours",
  "/-----BEGIN ((?:RSA |EC |ENCRYPTED )?PRIVATE KEY)-----([\\s\\S]*?)-----END \\1-----/":
    "a key out of the configuration",
  "/\\\\+r/g": "a key out of the configuration",
  "/\\\\+n/g": "a key out of the configuration",
  '/^(?:"([^"]*)"|([^"<>]*?))\\s*<([^<>]*)>$/': "an address out of the configuration",
  "/<a\\s[^>]{0,200}href|\\[url[=\\]]|\\[link[=\\]]/gi": "looks 200 characters far, and grows no faster beyond",
  "/\\b((?!https?:)[a-z][a-z0-9+.-]{0,63}):(?=\\/\\/|\\\\\\\\)/gi":
    "looks 64 characters far, and grows no faster beyond",
  '/"email":.*?(?=,"company":)/s': "a document of ours, in which the second always follows the first",
  "/[.\\s]+$/": "the message of a reason, which is ours",
  "/ \\(.*\\)$/": "a label of the console's",
};

type Literal = { regex: RegExp; name: string };

function literals(): Literal[] {
  const found = new Map<string, RegExp>();
  const files = readdirSync(source, { recursive: true, encoding: "utf8" });
  for (const file of files.filter((name) => /\.tsx?$/.test(name) && !/\.(?:test|d)\.tsx?$/.test(name))) {
    if (elsewhere.test(file)) continue;
    const text = readFileSync(`${source}/${file}`, "utf8");
    const walk = (node: unknown): void => {
      if (typeof node !== "object" || node === null) return;
      if ("type" in node && node.type === "Literal" && "regex" in node) {
        const { pattern, flags } = node.regex as { pattern: string; flags: string };
        found.set(`/${pattern}/${flags}`, new RegExp(pattern, flags));
      }
      for (const value of Object.values(node)) walk(value);
    };
    walk(parseAst(text, { lang: file.endsWith("x") ? "tsx" : "ts" }));
  }
  return [...found].map(([name, regex]) => ({ name, regex }));
}

/** Below it work grows as the text does: what is left of 1 is rounding, and steps that are taken once. */
const linear = 1.3;

describe("the engine that counts", () => {
  test.each([
    [/(a+)+$/, Number.POSITIVE_INFINITY],
    [/(a|a)*b/, Number.POSITIVE_INFINITY],
    [/^(\w+\s?)*$/, Number.POSITIVE_INFINITY],
    [/^([a-z0-9])([-.]?[a-z0-9]+)*@/, Number.POSITIVE_INFINITY],
    [/^\s+|\s+$/g, 2],
    [/x*y/, 2],
    [/^(a|b)*c/, 1],
    [/(?<!x)x+y/, 1],
    [/^[^@\s]+@[^@\s]+$/, 1],
  ])("%s grows by the power %d", (regex, power) => {
    const { power: found } = growthOf(parsePattern(regex));
    expect(Math.round(found)).toBe(power);
  });
});

test("ReDoS: the work of every regular expression grows no faster than the text it is given, but for those that get short ones", () => {
  const all = literals();
  expect(all.length).toBeGreaterThan(200);
  const fast = all.flatMap(({ name, regex }) => {
    const { power, worst } = growthOf(parsePattern(regex));
    return power > linear && !(name in bounded) ? [`${name} grows by the power ${power.toFixed(1)} on ${worst}`] : [];
  });
  expect(fast).toEqual([]);
  const names = new Set(all.map(({ name }) => name));
  expect(Object.keys(bounded).filter((name) => !names.has(name))).toEqual([]);
}, 60_000);

test("ReDoS: a message of a hundred thousand characters is made harmless for a mail, whatever it repeats", () => {
  for (const pump of ["_", "%", "h-", "a.", "a@", "a@a.", "-", " ", "http:", "javascript", "é."]) {
    const text = pump.repeat(100_000 / pump.length);
    expect(defanged(text).length).toBeGreaterThanOrEqual(text.length);
  }
  expect(numberOf(`1${" ".repeat(250_000)}x`)).toBeUndefined();
});
