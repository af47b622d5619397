import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as everything from "../../src/index.ts";
import { ambient } from "./ambient.ts";
import { type Block, place, root } from "./blocks.ts";

/** What a block that is a part of something stands in, by the word behind its fence. */
const frames: Record<string, [before: string, after: string]> = {
  config: ["export default defineConfig({", "});"],
  consents: ["export default defineConfig({ forms: { contact: { consents: [", "] } } });"],
  destination: [
    'export default defineDestination({ kind: "own", label: "Own", options: z.object({ url: z.url() }), ' +
      "deliver: async (_, { url }, { fetch }) => outcomeOf(await fetch(url)),",
    "});",
  ],
  destinations: ["export default defineConfig({ destinations: {", "} });"],
};

/** The TypeScript in a block, and the kind of file it makes; null where there is none. Lines stay where they are. */
function codeOf({ language, text }: Block): { ending: "ts" | "tsx"; code: string } | null {
  switch (language) {
    case "tsx":
    case "jsx":
      return { ending: "tsx", code: text };
    case "ts":
    case "js":
      return { ending: "ts", code: text };
    case "astro":
      return { ending: "ts", code: only(text, /(?<=^---\n).*?(?=^---$)/ms) };
    case "svelte":
    case "vue":
      return { ending: "ts", code: only(text, /(?<=<script\b[^>]*>).*?(?=<\/script>)/s) };
    default:
      return null;
  }
}

/** The part of a text that fits, behind as many empty lines as there are before it. */
function only(text: string, pattern: RegExp): string {
  const found = pattern.exec(text);
  return found ? text.slice(0, found.index).replace(/[^\n]/g, "") + found[0] : "";
}

/** A block as a module on its own: one without an import has all of `leadkeep` and Zod at hand. */
function moduleOf(block: Block, code: string): string {
  const frame = block.frame === "" ? (["", ""] as const) : frames[block.frame];
  if (!frame) throw new Error(`${place(block)}: "${block.frame}" is none of ${Object.keys(frames).join(", ")}`);
  const [before, after] = frame;
  const names = Object.keys(everything).filter(
    (name) => !new RegExp(`\\b(?:const|let|function) ${name}\\b`).test(code),
  );
  const prelude = /^import /m.test(code)
    ? ""
    : `import { ${names.join(", ")} } from "leadkeep"; import * as z from "zod"; `;
  return `${prelude}${before}\n${code}\n${after}\nexport {};\n`;
}

/** The package's subpaths, as its own sources. */
function paths(): Record<string, string[]> {
  const { exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    exports: Record<string, string | { types: string }>;
  };
  const typed = Object.entries(exports).flatMap(([name, target]) =>
    typeof target === "string" ? [] : [[name, target.types] as const],
  );
  return Object.fromEntries(
    typed.map(([name, types]) => [
      `leadkeep${name.slice(1)}`,
      [join(root, types.replace("./dist/", "src/").replace(".d.ts", ".ts"))],
    ]),
  );
}

/**
 * What the compiler says of the blocks that are code, as `path:line: message`: one run over all of them, as strict as the
 * package itself, except that what an excerpt leaves unused is no error.
 */
export function typeErrors(blocks: readonly Block[]): string[] {
  // In the checkout, so that packages are found; a folder that begins with a dot is no part of it for the other tools.
  const folder = mkdtempSync(join(root, "test/docs/.blocks-"));
  try {
    const files = new Map<string, Block>();
    for (const [index, block] of blocks.entries()) {
      const code = codeOf(block);
      if (code === null) continue;
      const name = `block-${index}.${code.ending}`;
      files.set(name, block);
      writeFileSync(join(folder, name), moduleOf(block, code.code));
    }
    writeFileSync(join(folder, "ambient.d.ts"), ambient);
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(configuration([...files.keys()])));
    const errors = compile(folder).matchAll(/^\S*\/\.blocks-\w+\/([\w.-]+)\((\d+),\d+\): (.*)$/gm);
    return [...errors].map(([, name = "", line = "", message = ""]) => {
      const block = files.get(name);
      return `${block ? place({ ...block, line: block.line + Number(line) - 2 }) : name}: ${message}`;
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function configuration(files: readonly string[]): object {
  return {
    extends: join(root, "tsconfig.json"),
    compilerOptions: {
      lib: ["es2024", "esnext.array", "esnext.iterator", "esnext.disposable", "dom", "dom.iterable"],
      jsx: "react-jsx",
      noUnusedLocals: false,
      noUnusedParameters: false,
      isolatedModules: false,
      paths: paths(),
    },
    include: [],
    files: [...files, "ambient.d.ts"],
  };
}

function compile(folder: string): string {
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  try {
    return execFileSync(process.execPath, [tsc, "-p", folder, "--pretty", "false"], { cwd: root, encoding: "utf8" });
  } catch (error) {
    const { stdout } = error as { stdout?: string };
    if (!stdout) throw error;
    return stdout;
  }
}
