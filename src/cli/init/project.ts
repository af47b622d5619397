import { existsSync, readFileSync, realpathSync, statSync } from "node:fs";
import { join } from "node:path";
import { LeadkeepError } from "../../model/errors.ts";

/** A site's folder as `init` finds it. Paths are relative to it, with `/`. */
export type Project = {
  folder: string;
  /** Names of everything package.json depends on, in any way. */
  dependencies: ReadonlySet<string>;
  /** Names of the scripts of package.json. */
  scripts: ReadonlySet<string>;
  /** Whether a plain `.js` or `.ts` file is an ES module here. */
  isModule: boolean;
  usesTypeScript: boolean;
  /** How a script of package.json is run, and a command of a package. */
  run: string;
  exec: string;
  /** How a package is added. */
  add: string;
  has(path: string): boolean;
  /** The text of a file; null when there is none. */
  read(path: string): string | null;
  /** The first of these paths there is. */
  first(...paths: readonly string[]): string | null;
};

const dependencyLists = ["dependencies", "devDependencies", "peerDependencies", "optionalDependencies"];

/** By lock file, the tool that made it. */
const tools: [lock: string, run: string, exec: string, add: string][] = [
  ["pnpm-lock.yaml", "pnpm run", "pnpm exec", "pnpm add"],
  ["yarn.lock", "yarn", "yarn", "yarn add"],
  ["bun.lock", "bun run", "bunx", "bun add"],
  ["bun.lockb", "bun run", "bunx", "bun add"],
];

/** Looks at a site's folder. @throws {LeadkeepError} when it has no usable package.json */
export function openProject(folder: string): Project {
  const read = (path: string) => readText(folder, path);
  const text = read("package.json");
  if (text === null) {
    throw new LeadkeepError(
      "no_package_json",
      "There is no package.json in this folder. Go to your site's folder, or make one here with: npm init -y",
    );
  }
  const packageJson = parsePackageJson(text);
  const dependencies = new Set(dependencyLists.flatMap((list) => namesIn(packageJson[list])));
  const has = (path: string) => existsSync(join(folder, path));
  const [, run = "npm run", exec = "npx", add = "npm install"] = tools.find(([lock]) => has(lock)) ?? [];
  return {
    folder: realpathSync(folder),
    dependencies,
    scripts: new Set(namesIn(packageJson.scripts)),
    isModule: packageJson.type === "module",
    usesTypeScript: has("tsconfig.json") || dependencies.has("typescript"),
    run,
    exec,
    add,
    has,
    read,
    first: (...paths) => paths.find(has) ?? null,
  };
}

type PackageJson = { [name: string]: unknown };

/** package.json as an object; a byte order mark, as some editors of Windows write it, is passed over. @throws {LeadkeepError} */
export function parsePackageJson(text: string): PackageJson {
  try {
    const value: unknown = JSON.parse(text.replace(/^\ufeff/, ""));
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as PackageJson;
  } catch {
    // Its own message quotes the file; ours says what to do.
  }
  throw new LeadkeepError("broken_package_json", "package.json is not a JSON object. Mend it first.");
}

function namesIn(list: unknown): string[] {
  return typeof list === "object" && list !== null ? Object.keys(list) : [];
}

function readText(folder: string, path: string): string | null {
  const file = join(folder, path);
  if (!existsSync(file) || statSync(file).isDirectory()) return null;
  return readFileSync(file, "utf8");
}
