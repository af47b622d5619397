import { fileURLToPath } from "node:url";
import { build } from "vite";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Builds the visitor's script into `dist/browser/leadkeep.js`: one classic script, for browsers that know ES2022. */
export async function buildBrowser(): Promise<void> {
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
        entry: "src/browser/leadkeep.ts",
        formats: ["iife"],
        name: "leadkeepScript",
        fileName: () => "leadkeep.js",
      },
    },
  });
}
