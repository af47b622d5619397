import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import react from "@vitejs/plugin-react";
import { build } from "vite";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Most script a first visit may load, gzipped. */
const limitBytes = 250_000;

/**
 * Builds the console into `dist/console`: an `index.html` and hashed files below `assets/`. Resolves to how much script, in
 * gzipped bytes, a first visit loads. @throws when that is more than a first visit may load
 */
export async function buildConsole(): Promise<number> {
  await inProduction(() =>
    build({
      root: join(root, "src/console"),
      configFile: false,
      publicDir: false,
      logLevel: "warn",
      base: "/console/",
      plugins: [react()],
      build: {
        target: "es2023",
        outDir: join(root, "dist/console"),
        emptyOutDir: true,
        // No inlined data: URLs and no script written into the page: its policy allows neither.
        assetsInlineLimit: 0,
        modulePreload: { polyfill: false },
        chunkSizeWarningLimit: 800,
      },
    }),
  );
  const bytes = initialScriptBytes(join(root, "dist/console"));
  if (bytes > limitBytes) throw new Error(`The console's first load is ${kilobytes(bytes)} of script, over 250 kB.`);
  console.log(`console: ${kilobytes(bytes)} of script (gzip) at first load`);
  return bytes;
}

/** Tests run in an environment of their own, in which React would be built with all its aids for developers. */
async function inProduction(act: () => Promise<unknown>): Promise<void> {
  const before = process.env.NODE_ENV;
  process.env.NODE_ENV = "production";
  try {
    await act();
  } finally {
    if (before === undefined) delete process.env.NODE_ENV;
    else process.env.NODE_ENV = before;
  }
}

/** The entry and what it imports at once, which is what the built page names. */
function initialScriptBytes(folder: string): number {
  const page = readFileSync(join(folder, "index.html"), "utf8");
  const scripts = [...page.matchAll(/(?:src|href)="\/console\/(assets\/[^"]+\.js)"/g)].map((match) => match[1] ?? "");
  return scripts.reduce((sum, name) => sum + gzipSync(readFileSync(join(folder, name))).length, 0);
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`;
}
