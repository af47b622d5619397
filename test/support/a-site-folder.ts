import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { aFolder } from "./sqlite-file.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** A folder with these files (an object is written as JSON), in which `leadkeep` is a package: our source. */
export function aSiteFolder(files: Record<string, string | object>): string {
  const folder = aFolder();
  for (const [path, content] of Object.entries(files)) writeInto(folder, path, content);
  installLeadkeep(folder);
  return folder;
}

export function writeInto(folder: string, path: string, content: string | object): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), typeof content === "string" ? content : JSON.stringify(content, null, 2));
}

export function readFrom(folder: string, path: string): string {
  return readFileSync(join(folder, path), "utf8");
}

/** What is imported as `leadkeep` here is our source, whose real place is outside of `node_modules`. */
export function installLeadkeep(folder: string): void {
  const exports = { ".": "./src/index.ts", "./*": "./src/adapters/*.ts" };
  writeInto(folder, "node_modules/leadkeep/package.json", { name: "leadkeep", type: "module", exports });
  symlinkSync(join(root, "src"), join(folder, "node_modules/leadkeep/src"));
  for (const name of ["react", "@types"]) {
    symlinkSync(join(root, "node_modules", name), join(folder, "node_modules", name));
  }
}
