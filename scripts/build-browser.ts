import { fileURLToPath } from "node:url";
import { build } from "vite";

const root = fileURLToPath(new URL("..", import.meta.url));

/**
 * Builds the visitor's script into `dist/browser/leadkeep.js`, and what a form's `screens.js` ends with: classic scripts, for
 * browsers that know ES2022.
 */
export async function buildBrowser(): Promise<void> {
  for (const name of ["leadkeep", "screens"]) await buildScript(name);
}

async function buildScript(name: string): Promise<void> {
  await build({
    root,
    configFile: false,
    publicDir: false,
    logLevel: "warn",
    build: {
      target: "es2022",
      outDir: "dist/browser",
      emptyOutDir: false,
      lib: {
        entry: `src/browser/${name}.ts`,
        formats: ["iife"],
        name: `${name}Script`,
        fileName: () => `${name}.js`,
      },
    },
  });
}
