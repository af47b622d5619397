import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Block, type Page, place, proseOf, root } from "./blocks.ts";
import { anything, refusal } from "./program-line.ts";
import { commandsOf } from "./shell.ts";
import { isVariable } from "./variables.ts";

/** Programs the docs use beside ours. Another name is likely a slip; add it here when it is none. */
const others = new Set(
  (
    "cat cd cp cosign curl date diff docker echo eval find git grep head install kubectl ls mkdir mv openssl pg_dump pg_restore psql rm sudo systemctl " +
    "fly flyctl journalctl sleep tar test true python3 php ruby go jq caddy wrangler"
  ).split(" "),
);

/** Packages the docs run with npx. */
const runners = new Set(["wrangler", "astro", "next", "nuxt", "vite", "sv", "create-next-app"]);

/** What is wrong in the shell blocks: commands, options, scripts and variables that do not exist. */
export async function shellProblems(blocks: readonly Block[]): Promise<string[]> {
  const problems: string[] = [];
  for (const block of blocks) {
    const where = join(root, dirname(block.path), "package.json");
    const folder = existsSync(where) ? dirname(where) : root;
    for (const command of commandsOf(block.text)) {
      const unknown = command.variables.filter((name) => !isVariable(name)).map((name) => `no variable ${name}`);
      const wrong = command.words.length === 0 ? null : await wrongIn(command.words, folder);
      problems.push(
        ...[...unknown, ...(wrong === null ? [] : [wrong])].map((problem) => `${place(block)}: ${problem}`),
      );
    }
  }
  return problems;
}

/** What is wrong in the commands of ours that stand in sentences. */
export async function proseProblems(pages: readonly Page[]): Promise<string[]> {
  const problems: string[] = [];
  for (const page of pages) {
    for (const { index, 1: code = "" } of proseOf(page).matchAll(/`((?:npx )?leadkeep [^`\n]+)`/g)) {
      const line = page.text.slice(0, index).split("\n").length;
      // What stands for something: <lead|email>, [options], … at the end.
      const plain = code
        .replace(/\\\|/g, "|")
        .replace(/<[^>]*>/g, anything)
        .replace(/ \[[^\]]*\]| …$/g, "");
      for (const { words } of commandsOf(plain)) {
        const wrong = await wrongIn(words, root, true);
        if (wrong !== null) problems.push(`${place({ ...page, line })}: ${code}: ${wrong}`);
      }
    }
  }
  return problems;
}

async function wrongIn(words: readonly string[], folder: string, isSentence = false): Promise<string | null> {
  const [name = "", ...rest] = words;
  switch (name) {
    case "leadkeep": {
      const sentence = rest[0] === anything ? null : await refusal(rest, isSentence);
      return sentence && `${words.join(" ")}: ${sentence}`;
    }
    case "npx": {
      const run = rest.filter((word) => word !== "--yes");
      const [runner = ""] = run;
      if (runner === "leadkeep") return wrongIn(run, folder, isSentence);
      return runners.has(runner.replace(/@.*/, "")) ? null : `no package ${runner}`;
    }
    case "npm":
      return wrongInNpm(rest, folder);
    case "node":
      return wrongInNode(rest);
    default:
      return others.has(name) || name.startsWith("./") ? null : `no program ${name}`;
  }
}

function wrongInNpm(words: readonly string[], folder: string): string | null {
  const [verb = "", script = ""] = words.filter((word, index) => !(word.startsWith("--") && index === 0));
  const { scripts = {} } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
    scripts?: Record<string, string>;
  };
  const wanted = verb === "run" ? script : verb === "start" || verb === "test" ? verb : null;
  if (wanted === "dev" && folder === root) return null; // of the reader's own site
  if (wanted !== null) return wanted in scripts ? null : `no script ${wanted}`;
  return ["ci", "create", "audit", "i", "init", "install", "ls", "pack", "update", "view"].includes(verb)
    ? null
    : `npm ${verb}`;
}

/** A file of the checkout, or one of the reader's own, which is written `./…` or is in node_modules. */
function wrongInNode(words: readonly string[]): string | null {
  const file =
    words.find((word, index) => !word.startsWith("-") && !/^(?:--import|-e|-p)$/.test(words[index - 1] ?? "")) ?? "";
  const own = file.startsWith("node_modules/leadkeep/dist/");
  const path = own ? file.replace("node_modules/leadkeep/dist/", "src/").replace(/\.js$/, ".ts") : file;
  return file === "" || existsSync(join(root, path)) || /^(?:build|server|dist)\b/.test(file)
    ? null
    : `no file ${file}`;
}
