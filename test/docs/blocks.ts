import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The checkout. */
export const root = fileURLToPath(new URL("../..", import.meta.url));

/** A page for people: its path from the root, and its text. */
export type Page = { path: string; text: string };

/** A fenced block of a page. `line`: its first one inside. `frame`: the second word behind its fence, what it is a part of. */
export type Block = { path: string; line: number; language: string; frame: string; text: string };

/** Every page that tells what is; the changelog tells what was. */
export function pages(): Page[] {
  const paths = globSync(["*.md", "docs/**/*.md", "skills/**/*.md", "examples/*/README.md"], { cwd: root });
  return paths
    .filter((path) => path !== "CHANGELOG.md")
    .sort()
    .map((path) => ({ path, text: readFileSync(root + path, "utf8") }));
}

/** The fenced blocks of a page, without what they are indented by. */
export function blocksOf({ path, text }: Page): Block[] {
  const fenced = /^( *)```([^\n]*)\n(.*?)^ *```$/gms;
  return [...text.matchAll(fenced)].map(({ index, 1: indent = "", 2: info = "", 3: body = "" }) => {
    const [language = "", frame = ""] = info.trim().split(/\s+/);
    const line = text.slice(0, index).split("\n").length + 1;
    const lines = body.split("\n").map((one) => (one.startsWith(indent) ? one.slice(indent.length) : one));
    return { path, line, language, frame, text: lines.join("\n") };
  });
}

/** A page without its blocks, line for line. */
export function proseOf({ text }: Page): string {
  return text.replace(/^( *)```[^\n]*\n.*?^ *```$/gms, (block) => block.replace(/[^\n]/g, ""));
}

/** Where something was found, as an editor understands it. */
export function place({ path, line }: Pick<Block, "path" | "line">): string {
  return `${path}:${line}`;
}
