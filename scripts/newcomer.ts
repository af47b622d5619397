/**
 * Plays the newcomer: makes a site as its framework's own tool does, installs the packed package, runs `leadkeep init`, starts the
 * site, sends its form, and sees the lead delivered in the sandbox. With `--examples` it installs, builds and starts what is in
 * `examples/` instead. Needs `npm run build`, and npm's registry.
 *
 *   npm run newcomer -- astro next express     npm run newcomer -- --examples     npm run newcomer -- --keep nuxt
 */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { freePort } from "../bench/support/processes.ts";
import { startSandbox } from "../src/sandbox/index.ts";
import { playCloudflare } from "./newcomer/cloudflare.ts";
import { firstLead } from "./newcomer/first-lead.ts";
import { run, start } from "./newcomer/shell.ts";
import { type SiteKind, siteKinds } from "./newcomer/sites.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    examples: { type: "boolean", default: false },
    /** Leaves the sites for a look. */
    keep: { type: "boolean", default: false },
    /** A package that is packed already. */
    tarball: { type: "string" },
  },
});
const names = positionals.length > 0 ? positionals : Object.keys(siteKinds);
const unknown = names.filter((name) => !siteKinds[name] && name !== "cloudflare");
if (unknown.length > 0)
  throw new Error(`there is no ${unknown.join(", ")}; there are ${Object.keys(siteKinds).join(", ")}, cloudflare`);

const folder = mkdtempSync(join(tmpdir(), "leadkeep-newcomer-"));
const tarball = values.tarball ?? (await pack());
const failures: string[] = [];
try {
  for (const name of names) {
    try {
      const kind = siteKinds[name];
      console.log(`${name}: ${await (kind ? play(name, kind) : playCloudflare(join(folder, name), tarball))}`);
    } catch (error) {
      failures.push(name);
      console.log(`${name}: FAILED\n${error instanceof Error ? error.message : error}`);
    }
  }
} finally {
  if (values.keep) console.log(`left in ${folder}`);
  else rmSync(folder, { recursive: true, force: true });
}
if (failures.length > 0) process.exitCode = 1;

/** Resolves to what was done, and how long each step took. */
async function play(name: string, kind: SiteKind): Promise<string> {
  const site = join(folder, name);
  const steps: string[] = [];
  const begin = performance.now();
  let last = begin;
  const step = (what: string) => {
    const now = performance.now();
    steps.push(`${what} ${((now - last) / 1_000).toFixed(1)} s`);
    last = now;
  };
  const install = ["install", "--no-audit", "--no-fund", "--prefer-offline"];

  if (values.examples) {
    cpSync(join(root, "examples", name), site, { recursive: true, filter: (path) => !path.includes("node_modules") });
    const manifest = join(site, "package.json");
    const text = readFileSync(manifest, "utf8");
    writeFileSync(manifest, text.replace(/("leadkeep": )"[^"]+"/, `$1${JSON.stringify(`file:${tarball}`)}`));
    await run("npm", install, site);
    step("install");
  } else {
    mkdirSync(site);
    step(`create (${await kind.create(site)})`);
    await run("npm", [...install, ...kind.packages, tarball], site);
    step("install");
    await run("npx", ["leadkeep", "init", "--yes", "--form", "contact", "--destination", "webhook"], site);
    kind.byHand(site);
    step("init");
  }
  const isBuilt = values.examples && kind.build !== null;
  if (isBuilt) {
    const [command = "", ...args] = kind.build as string[];
    await run(command, args, site);
    step("build");
  }
  await sendForm(name, kind, site, () => step("start, send, delivered"));
  step("stop");
  return `${((performance.now() - begin) / 1_000).toFixed(1)} s: ${steps.join(", ")}`;
}

async function sendForm(name: string, kind: SiteKind, site: string, delivered: () => void): Promise<void> {
  const sandbox = await startSandbox();
  const port = await freePort();
  const [command = "", ...args] = values.examples ? kind.start : kind.dev;
  const running = start(
    command,
    args.map((one) => one.replace("{port}", String(port))),
    site,
    {
      PORT: String(port),
      HOST: "127.0.0.1",
      CRM_WEBHOOK_URL: sandbox.vendors.webhook.url,
      LEADKEEP_ALLOW_PRIVATE_NETWORK: "1",
      ...(values.examples ? kind.variables?.(port) : {}),
    },
  );
  try {
    const page = values.examples ? (kind.examplePage === undefined ? "/" : kind.examplePage) : kind.page;
    const action = name === "html" ? "/f/contact" : "/api/leadkeep/f/contact";
    await firstLead(running, `http://127.0.0.1:${port}`, { page, action }, sandbox);
    delivered();
  } finally {
    await running.stop();
    await sandbox.close();
  }
}

async function pack(): Promise<string> {
  if (!existsSync(join(root, "dist/index.js"))) throw new Error("there is no dist/: run npm run build first");
  await run("npm", ["pack", "--ignore-scripts", "--pack-destination", folder], root);
  return join(folder, readdirSync(folder).find((file) => file.endsWith(".tgz")) ?? "");
}
