import { parsePackageJson } from "./project.ts";

/** Files that are the site's own and get something added: each function gives the whole new text, the old one where nothing is lacking. */

/** What a variable is, and its value; "" when a person is to fill it in. */
export type DotenvEntry = { name: string; value: string; about: string };

/** `.env` with the entries it lacks. What is there stays as it is, also when the value is another. */
export function withEntries(text: string | null, entries: readonly DotenvEntry[], title: string): string {
  const known = namesIn(text ?? "");
  const missing = entries.filter(({ name }) => !known.has(name) && !known.has(`${name}_FILE`));
  if (missing.length === 0) return text ?? "";
  const added = missing.flatMap(({ name, value, about }) => [`# ${about}`, `${name}=${dotenvValue(value)}`]);
  return appended(text, [...(text?.includes(title) ? [] : [`# ${title}`]), ...added]);
}

/** Names of the variables a `.env` sets, empty ones too. */
export function namesIn(dotenv: string): Set<string> {
  return new Set([...dotenv.matchAll(/^[\t ]*(?:export[\t ]+)?([A-Za-z_]\w*)[\t ]*=/gm)].map(([, name = ""]) => name));
}

/** A value as every reader of such files takes it: Node's, Vite's and Next's. */
function dotenvValue(value: string): string {
  if (/^[\w@.:/+,-]*$/.test(value)) return value;
  const quote = ["'", '"', "`"].find((mark) => !value.includes(mark)) ?? "'";
  return `${quote}${value}${quote}`;
}

/** `.gitignore` that keeps the secrets of `.env` and the ledger out of the repository. */
export function withIgnored(text: string | null, paths: readonly string[]): string {
  const lines = (text ?? "").split(/\r?\n/).map((line) => line.trim());
  const missing = paths.filter((path) => !lines.some((line) => ignores(line, path)));
  return missing.length === 0 ? (text ?? "") : appended(text, missing);
}

function ignores(line: string, path: string): boolean {
  const name = path.replace(/\/$/, "");
  return [name, `${name}/`, `/${name}`, `/${name}/`, `${name}*`].includes(line);
}

/** package.json with the scripts it lacks, indented and ended as it was. A script of that name that is there stays. */
export function withScripts(text: string, scripts: Readonly<Record<string, string>>): string {
  const value = parsePackageJson(text);
  const present: object = typeof value.scripts === "object" && value.scripts !== null ? value.scripts : {};
  const missing = Object.entries(scripts).filter(([name]) => !Object.hasOwn(present, name));
  if (missing.length === 0) return text;
  const indent = /^\s*\{\r?\n([\t ]+)"/.exec(text.replace(/^\ufeff/, ""))?.[1] ?? "  ";
  const json = JSON.stringify({ ...value, scripts: { ...present, ...Object.fromEntries(missing) } }, null, indent);
  const end = /\n$/.test(text) ? "\n" : "";
  return inEndsOf(text, `${text.startsWith("\ufeff") ? "\ufeff" : ""}${json}${end}`);
}

/** Lines behind what is there, apart from it by an empty one. */
function appended(text: string | null, lines: readonly string[]): string {
  const before = text === null || text === "" ? "" : `${text.replace(/(?:\r?\n)+$/, "")}\n\n`;
  return inEndsOf(text ?? "", `${before}${lines.join("\n")}\n`);
}

/** Text with the line ends the file has. */
function inEndsOf(original: string, text: string): string {
  const plain = text.replaceAll("\r\n", "\n");
  return original.includes("\r\n") ? plain.replaceAll("\n", "\r\n") : plain;
}
