import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { vendored } from "./build-vendored.ts";

// Writes dist/sbom.json (CycloneDX 1.5): what is installed with the package, and what stands inside it, in dist/vendored and in the
// scripts of the console and of visitors. `npm sbom` knows nothing of the second. The same lock file gives the same text.

type Locked = {
  version?: string;
  license?: string;
  integrity?: string;
  dev?: boolean;
  peer?: boolean;
  optional?: boolean;
  hasInstallScript?: boolean;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
};

/** The packages of package-lock.json by where they lie. */
export type Lock = Record<string, Locked>;

/** A package as it is installed or bundled. */
export type Part = { name: string; version: string; license: string; integrity: string | null; bundled: boolean };

const root = new URL("../", import.meta.url);
const require = createRequire(root);

export function readLock(): Lock {
  return (JSON.parse(readFileSync(new URL("package-lock.json", root), "utf8")) as { packages: Lock }).packages;
}

/** Places of what `npm install leadkeep` puts on a disk, with all that is optional. */
export function installedIn(lock: Lock): string[] {
  return Object.keys(lock).filter((place) => place !== "" && !lock[place]?.dev && !lock[place]?.peer);
}

/** Places of what stands inside dist, and of what those depend on: some of them may have given nothing. */
export function bundledIn(lock: Lock): string[] {
  const found = new Set<string>();
  const left = [...vendored, ...importedBy("src/console"), ...importedBy("src/browser")].map(
    (name) => `node_modules/${packageOf(name)}`,
  );
  for (let place = left.pop(); place !== undefined; place = left.pop()) {
    if (found.has(place) || !lock[place]) continue;
    found.add(place);
    for (const name of Object.keys(lock[place]?.dependencies ?? {})) left.push(nearest(lock, place, name));
  }
  return [...found].filter((place) => !place.startsWith("node_modules/@types/")).sort();
}

/** Where Node finds a package that one at `place` imports. */
function nearest(lock: Lock, place: string, name: string): string {
  for (let folder = place; folder !== ""; folder = folder.slice(0, Math.max(0, folder.lastIndexOf("/node_modules/")))) {
    if (lock[`${folder}/node_modules/${name}`]) return `${folder}/node_modules/${name}`;
  }
  return `node_modules/${name}`;
}

function importedBy(folder: string): string[] {
  const place = fileURLToPath(new URL(folder, root));
  const files = readdirSync(place, { recursive: true, encoding: "utf8" }).filter((name) =>
    /\.(?:tsx?|css)$/.test(name),
  );
  const texts = files.filter((name) => !/\.test\./.test(name)).map((name) => readFileSync(`${place}/${name}`, "utf8"));
  const names = texts.flatMap((text) =>
    [...text.matchAll(/^(?:import|export)(?! type).*?"([^".][^"]*)"/gm)].map(([, name = ""]) => name),
  );
  return [...new Set(names)].filter((name) => !name.startsWith("node:"));
}

function packageOf(name: string): string {
  return name
    .split("/")
    .slice(0, name.startsWith("@") ? 2 : 1)
    .join("/");
}

/** Everything users get, by name and version. */
export function partsOf(lock: Lock): Part[] {
  const installed = new Set(installedIn(lock));
  const places = [...new Set([...installed, ...bundledIn(lock)])].sort();
  return places.map((place) => {
    const { version = "", license, integrity = null } = lock[place] ?? {};
    const name = place.slice(place.lastIndexOf("node_modules/") + "node_modules/".length);
    return { name, version, license: license ?? licenseOf(place), integrity, bundled: !installed.has(place) };
  });
}

function licenseOf(place: string): string {
  return (require(fileURLToPath(new URL(`${place}/package.json`, root))) as { license?: string }).license ?? "";
}

export function sbomOf(parts: readonly Part[], { name, version }: { name: string; version: string }): object {
  return {
    bomFormat: "CycloneDX",
    specVersion: "1.5",
    version: 1,
    metadata: { component: { type: "application", name, version, purl: purlOf({ name, version }) } },
    components: parts.map((part) => ({
      type: "library",
      "bom-ref": `${part.name}@${part.version}`,
      name: part.name,
      version: part.version,
      purl: purlOf(part),
      licenses: [/ (?:OR|AND) /.test(part.license) ? { expression: part.license } : { license: { id: part.license } }],
      ...(part.integrity ? { hashes: [hashOf(part.integrity)] } : {}),
      properties: [{ name: "leadkeep:part", value: part.bundled ? "bundled" : "installed" }],
    })),
  };
}

function purlOf({ name, version }: Pick<Part, "name" | "version">): string {
  return `pkg:npm/${name.replace(/^@/, "%40")}@${version}`;
}

function hashOf(integrity: string): { alg: string; content: string } {
  const [algorithm = "", digest = ""] = integrity.split("-");
  return { alg: algorithm.replace(/^sha/, "SHA-"), content: Buffer.from(digest, "base64").toString("hex") };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const own = require("./package.json") as { name: string; version: string };
  const parts = partsOf(readLock());
  writeFileSync(new URL("dist/sbom.json", root), `${JSON.stringify(sbomOf(parts, own), null, 2)}\n`);
  console.log(
    `dist/sbom.json: ${parts.length} packages, ${parts.filter(({ bundled }) => bundled).length} of them inside ours`,
  );
}
