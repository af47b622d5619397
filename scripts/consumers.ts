/**
 * Installs the packed package from npm's registry as a user does, says how much it takes (and fails above the limit), and type-checks
 * a user's files against it with every TypeScript that is in use, `skipLibCheck` off. Needs `npm run build`.
 */
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "./newcomer/shell.ts";

const limitBytes = 25_000_000;
const nodeNext = ["--module", "nodenext"];
const bundler = ["--module", "esnext", "--moduleResolution", "bundler"];
/** Every compiler once, and the fast one in both ways of finding modules. */
const compilers: { alias: string; name: string; modes: string[][] }[] = [
  { alias: "ts-5", name: "typescript@~5.9.0", modes: [nodeNext] },
  { alias: "ts-6", name: "typescript@^6.0.0", modes: [bundler] },
  { alias: "ts-7", name: "typescript@^7.0.0", modes: [nodeNext, bundler] },
];
const strict = ["--noEmit", "--strict", "--exactOptionalPropertyTypes", "--target", "es2023", "--types", "node"];

const config = `
import { createGateway, defineConfig, defineForm, type FormValues, submit, valuesOf, webhook, type Gateway } from "leadkeep";
import { hubspot } from "leadkeep/destinations";
import { startSandbox } from "leadkeep/sandbox";
import * as z from "zod";

export const contact = defineForm({ fields: z.looseObject({ email: z.email(), budget: z.coerce.number<string>() }) });
const budget = (values: FormValues<typeof contact> | null): number => values?.budget ?? 0;

export default defineConfig({
  forms: { contact },
  destinations: {
    crm: hubspot({ accessToken: "pat-eu1-example" }),
    hook: webhook({ url: "https://example.com", map: (payload, lead) => ({ budget: budget(valuesOf(contact, lead)), id: payload.lead_id }) }),
  },
});

export const gateway: Promise<Gateway> = createGateway();
export const sandbox = startSandbox();
export async function keep(data: FormData): Promise<string> {
  const kept = await submit<typeof contact>(await gateway, "contact", data);
  return kept.type === "kept" ? kept.leadId : kept.errors.map(({ field }) => field).join();
}
// @ts-expect-error budget is typed as text
submit<typeof contact>(await gateway, "contact", { email: "ada@example.com", budget: 7 });
`;

const site = `
import { createServer } from "node:http";
import { createGateway } from "leadkeep/core";
import { leadkeep as astro } from "leadkeep/astro";
import { leadkeep as express } from "leadkeep/express";
import { leadkeep as fastify } from "leadkeep/fastify";
import { leadkeep as hono } from "leadkeep/hono";
import { leadkeep as next, leadkeepPages } from "leadkeep/next";
import { getGateway, leadkeep as node } from "leadkeep/node";
import { leadkeep as nuxt } from "leadkeep/nuxt";
import { leadkeep as reactRouter } from "leadkeep/react-router";
import { leadkeep as svelteKit } from "leadkeep/sveltekit";

createServer(node({ gateway: createGateway() }));
export const { GET, POST, OPTIONS } = next({ waitUntil: (work) => void work, work: "after-reply" });
export const { ALL } = astro();
export const { action, loader } = reactRouter();
export const others = [express(), fastify, hono(), leadkeepPages(), nuxt(), svelteKit().POST, getGateway({ folder: "." })];
// @ts-expect-error there is no such way to work
next({ work: "sometimes" });
`;

const root = fileURLToPath(new URL("..", import.meta.url));
if (!existsSync(join(root, "dist/index.js"))) throw new Error("there is no dist/: run npm run build first");
const folder = mkdtempSync(join(tmpdir(), "leadkeep-consumer-"));
const quietly = ["install", "--no-audit", "--no-fund", "--prefer-offline"];
try {
  const tarball = process.argv[2] ?? (await pack());
  writeFileSync(join(folder, "package.json"), '{ "type": "module", "private": true }');
  await run("npm", [...quietly, tarball], folder);
  measure(join(folder, "node_modules"));
  const packages = compilers.map(({ alias, name }) => `${alias}@npm:${name}`);
  await run("npm", [...quietly, ...packages, "@types/node@24"], folder);
  writeFileSync(join(folder, "leadkeep.config.ts"), config);
  writeFileSync(join(folder, "site.ts"), site);
  for (const { alias, modes } of compilers) {
    const compiler = join("node_modules", alias, "bin/tsc");
    for (const mode of modes) {
      await run(process.execPath, [compiler, ...strict, ...mode, "leadkeep.config.ts", "site.ts"], folder);
    }
    console.log(`${(await run(process.execPath, [compiler, "--version"], folder)).trim()}: fine`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function pack(): Promise<string> {
  await run("npm", ["pack", "--ignore-scripts", "--pack-destination", folder], root);
  return join(folder, readdirSync(folder).find((file) => file.endsWith(".tgz")) ?? "");
}

/** The bytes of all files `npm install leadkeep` brings. */
function measure(modules: string): void {
  const files = readdirSync(modules, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const bytes = files.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
  const size = `${(bytes / 1e6).toFixed(1)} MB in ${files.length} files`;
  if (bytes > limitBytes) throw new Error(`npm install leadkeep takes ${size}; the limit is ${limitBytes / 1e6} MB`);
  console.log(`npm install leadkeep: ${size} (limit ${limitBytes / 1e6} MB)`);
}
