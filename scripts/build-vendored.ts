import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "vite";

const root = fileURLToPath(new URL("..", import.meta.url));
const dist = join(root, "dist");
const folder = join(dist, "vendored");

/**
 * Packages that users get inside ours, each as one file: installed as they are they take 18 MB more, most of it tests, sources and
 * builds for browsers. Here they are development dependencies. None is part of a type we export.
 */
export const vendored = [
  "diff",
  "fflate",
  "libphonenumber-js/core",
  "libphonenumber-js/min",
  "libphonenumber-js/min/metadata",
  "prom-client",
  "smtp-server",
];

/** Puts the packages into `dist/vendored`, with their licences, and has the compiled files import them from there. */
export async function buildVendored(): Promise<void> {
  const licences = new Map<string, string>();
  await build({
    root,
    configFile: false,
    publicDir: false,
    logLevel: "warn",
    plugins: [wholePackages(), keepLicences(licences)],
    ssr: { noExternal: true, target: "node" },
    build: {
      ssr: true,
      target: "node22",
      minify: false,
      outDir: relative(root, folder),
      rolldownOptions: {
        input: Object.fromEntries(vendored.map((name) => [fileOf(name), `${whole}${name}`])),
        output: { entryFileNames: "[name].js", chunkFileNames: "[name].js" },
      },
    },
  });
  writeFileSync(join(folder, "LICENSES.txt"), [...licences.values()].join(`\n\n${"-".repeat(80)}\n\n`));
  redirectImports();
}

const whole = "\0whole:";

/** Entries that export all that a package does, whether it is written as CommonJS or not. */
function wholePackages(): Plugin {
  return {
    name: "whole-packages",
    resolveId: (id) => (id.startsWith(whole) ? id : null),
    async load(id) {
      if (!id.startsWith(whole)) return null;
      const name = id.slice(whole.length);
      const all = Object.keys(await import(name)).filter((one) => one !== "module.exports");
      const names = all.length === 1 ? all : all.filter((one) => one !== "default");
      return `export { ${names.join(", ")} } from ${JSON.stringify(name)};`;
    },
  };
}

function keepLicences(licences: Map<string, string>): Plugin {
  return {
    name: "keep-licences",
    generateBundle(_options, bundle) {
      for (const chunk of Object.values(bundle)) {
        for (const id of chunk.type === "chunk" ? chunk.moduleIds : []) {
          const [, place] = /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(id) ?? [];
          if (place) licences.set(place, licenceOf(place));
        }
      }
    },
  };
}

function licenceOf(place: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(place, "package.json"), "utf8"));
  const file = readdirSync(place).find((one) => /^licen[cs]e/i.test(one));
  return `${name} ${version} (${license})\n\n${file ? readFileSync(join(place, file), "utf8").trim() : ""}`;
}

function redirectImports(): void {
  const targets = new Map(vendored.map((name) => [name, join(folder, `${fileOf(name)}.js`)]));
  for (const file of readdirSync(dist, { recursive: true, encoding: "utf8" })) {
    if (!file.endsWith(".js") || /^(?:vendored|console|browser)\//.test(file)) continue;
    const path = join(dist, file);
    const text = readFileSync(path, "utf8");
    const redirected = text.replace(/(\bfrom |\bimport\()"([^".]+)"/g, (all, before: string, name: string) => {
      const target = targets.get(name);
      return target ? `${before}"${dotted(relative(dirname(path), target))}"` : all;
    });
    if (redirected !== text) writeFileSync(path, redirected);
  }
}

function fileOf(name: string): string {
  return name.replaceAll("/", "-");
}

function dotted(path: string): string {
  return path.startsWith(".") ? path : `./${path}`;
}
