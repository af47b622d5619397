import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildConsole } from "../../scripts/build-console.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Before the tests: the console as it is now, where a gateway run from source finds it. Built only when it is older than its source. */
export async function setup(): Promise<void> {
  const source = join(root, "src/console");
  const newest = Math.max(
    ...readdirSync(source, { recursive: true, encoding: "utf8" }).map((name) => changedAt(join(source, name))),
  );
  if (changedAt(join(root, "dist/console/index.html")) < newest) await buildConsole();
}

function changedAt(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
