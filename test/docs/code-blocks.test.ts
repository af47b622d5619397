import { readFileSync } from "node:fs";
import { parse as parseToml } from "smol-toml";
import { describe, expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { addressProblems } from "./addresses.ts";
import { type Block, blocksOf, pages, place, root } from "./blocks.ts";
import { readHtml } from "./html.ts";
import { jsonProblem } from "./json.ts";
import { refusal } from "./program-line.ts";
import { deadReferences } from "./references.ts";
import { proseProblems, shellProblems } from "./shell-lines.ts";
import { typeErrors } from "./typed-blocks.ts";
import { unreadInProse, unreadVariables } from "./variables.ts";

/** Blocks that are run or read by a test of their own: these languages, on these pages. */
const elsewhere: Record<string, RegExp> = {
  "docs/webhooks.md": /^(?:go|php|python|ruby|rust|java)$/,
};
const checked = /^(?:ts|tsx|js|jsx|astro|svelte|vue|json|yaml|toml|sh|env|html|text|http)$/;

const all = pages();
const blocks = all.flatMap(blocksOf);
const inLanguage = (...languages: string[]) => blocks.filter(({ language }) => languages.includes(language));

/** A block nobody wrote. */
function aBlock(language: string, text: string): Block {
  return { path: "invented.md", line: 1, language, frame: "", text };
}

/** The problems of blocks, each with its place. */
function problemsOf(some: readonly Block[], problem: (text: string) => string | null): string[] {
  return some.flatMap((block) => {
    const found = problem(block.text);
    return found === null ? [] : [`${place(block)}: ${found}`];
  });
}

function thrownBy(act: () => unknown): string | null {
  try {
    act();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

describe("every block of the docs works", () => {
  test("every block says what it is, and is checked", () => {
    const unknown = blocks.filter(({ path, language }) => !checked.test(language) && !elsewhere[path]?.test(language));
    expect(unknown.map((block) => `${place(block)}: ${block.language || "no language"}`)).toEqual([]);
    expect(blocks.length).toBeGreaterThan(90);
  });

  test("code fits the package as it is, and a name that was changed would be found", { timeout: 120_000 }, () => {
    const wrong = [
      aBlock("ts", 'import { defineDestinations } from "leadkeep";\n'),
      aBlock("ts", 'import { webhook } from "leadkeep";\n\nwebhook({ adress: "https://example.com" });\n'),
    ];
    const errors = typeErrors([...blocks, ...wrong]);
    expect(errors.filter((error) => !error.startsWith("invented.md"))).toEqual([]);
    expect(errors.filter((error) => error.startsWith("invented.md"))).toEqual([
      expect.stringMatching(/^invented\.md:1: .*defineDestinations/),
      expect.stringMatching(/^invented\.md:3: .*adress/),
    ]);
  });

  test("commands, options, scripts and variables of shell blocks exist", async () => {
    expect(await shellProblems(inLanguage("sh"))).toEqual([]);
  });

  test("commands in sentences exist", async () => {
    expect(await proseProblems(all)).toEqual([]);
  });

  test("variables are read by the program", () => {
    expect(unreadVariables(inLanguage("env"))).toEqual([]);
    expect(unreadInProse(all)).toEqual([]);
  });

  test("JSON, YAML and TOML can be read", () => {
    expect(problemsOf(inLanguage("json"), jsonProblem)).toEqual([]);
    const yaml = (text: string) => parseAllDocuments(text).flatMap(({ errors }) => errors)[0]?.message ?? null;
    expect(problemsOf(inLanguage("yaml"), yaml)).toEqual([]);
    expect(problemsOf(inLanguage("toml"), (text) => thrownBy(() => parseToml(text)))).toEqual([]);
  });

  test("HTML is well-formed", () => {
    expect(problemsOf(inLanguage("html"), (text) => readHtml(text).problems[0] ?? null)).toEqual([]);
  });

  test("forms, scripts and requests name paths the gateway answers", async () => {
    expect(await addressProblems(blocks)).toEqual([]);
  });

  test("links, anchors and pictures lead somewhere", () => {
    expect(deadReferences(all)).toEqual([]);
  });
});

describe("skills", () => {
  const skills = all.filter(({ path }) => path.endsWith("/SKILL.md"));

  test("have a name, which is their folder's, and a description an agent can choose by", () => {
    expect(skills.length).toBeGreaterThan(0);
    for (const { path, text } of skills) {
      const [, header = ""] = /^---\n(.*?)\n---\n/s.exec(text) ?? [];
      const { name, description } = parse(header) as Record<string, string>;
      expect([path, `skills/${name}/SKILL.md`]).toEqual([path, path]);
      expect(description?.length).toBeGreaterThan(50);
      expect(description?.length).toBeLessThanOrEqual(1_024);
    }
  });

  test("are shipped in the package", () => {
    const { files } = JSON.parse(readFileSync(`${root}package.json`, "utf8")) as { files: string[] };
    expect(files).toContain("skills");
  });
});

describe("what is wrong is found", () => {
  test.each([
    [["doctor", "--proble"], /unknown option '--proble'/],
    [["doctors"], /unknown command 'doctors'/],
    [["pause"], /missing required argument/],
    [["leads", "--state", "gone"], /is invalid/],
    [["import", "leads.csv"], /--form/],
  ])("leadkeep %j", async (words, sentence) => {
    expect(await refusal(words)).toMatch(sentence);
  });

  test.each([
    ["npx leadkeep doctor && leadkeep pauze webhook", /unknown command/],
    ["npm run deploy-all", /no script/],
    ["LEADKEEP_SECRETT=x leadkeep start", /no variable/],
    ['eval "$(leadkeep completion tcsh)"', /invalid/],
    ["leadkeeper start", /no program/],
  ])("%s", async (text, problem) => {
    expect(await shellProblems([aBlock("sh", text)])).toEqual([expect.stringMatching(problem)]);
  });

  test("HTML that does not close, a path nobody answers, a link to nowhere", async () => {
    expect(readHtml("<form><p></form>").problems).toContain("</form> closes <p>");
    expect(readHtml("<form>").problems).toEqual(["<form> is not closed"]);
    const form = '<form action="https://leads.example.com/forms/contact"></form>';
    expect(await addressProblems([aBlock("html", form)])).toEqual([expect.stringContaining("/forms/contact")]);
    const page = { path: "docs/api.md", text: "# API\n\n[a](forms.md) [b](form.md) [c](#api) [d](#apis)\n" };
    expect(deadReferences([page])).toEqual(["docs/api.md: form.md", "docs/api.md: #apis"]);
  });
});
