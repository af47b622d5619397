/** Builds `dist/` from `src/`: compiled files, the visitor's script, and the files they read at run time beside them. */
import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, rmSync, symlinkSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { buildBrowser } from "./build-browser.ts";
import { buildConsole } from "./build-console.ts";
import { buildVendored } from "./build-vendored.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
/** Folders that hold no code but are read at run time. */
const assets = ["ledger/sqlite/migrations", "ledger/postgres/migrations", "sandbox/assets"];

process.chdir(root);
rmSync("dist", { recursive: true, force: true });
execFileSync("tsc", ["-p", "tsconfig.build.json"], { stdio: "inherit", env: withLocalBin() });
await buildVendored();
await buildBrowser();
await buildConsole();
for (const folder of assets) cpSync(`src/${folder}`, `dist/${folder}`, { recursive: true });
chmodSync("dist/cli/leadkeep.js", 0o755);
linkProgram();

/** Lets `npx leadkeep` run this clone's build, as it would run an installed package's. */
function linkProgram(): void {
  if (!existsSync("node_modules/.bin")) return;
  rmSync("node_modules/.bin/leadkeep", { force: true });
  symlinkSync("../../dist/cli/leadkeep.js", "node_modules/.bin/leadkeep");
}

function withLocalBin(): NodeJS.ProcessEnv {
  return { ...process.env, PATH: `${root}node_modules/.bin:${process.env.PATH}` };
}
