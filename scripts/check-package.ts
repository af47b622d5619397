/**
 * Packs the package as npm would publish it, and looks at it from outside: publint, are-the-types-wrong, and a consumer that
 * installs the tarball's types and is type-checked against them.
 */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const bin = join(root, "node_modules/.bin");
const folder = mkdtempSync(join(tmpdir(), "leadkeep-package-"));

type Manifest = { dependencies: Record<string, string> };

function run(command: string, args: string[], cwd = root): void {
  execFileSync(command, args, { cwd, stdio: "inherit", env: { ...process.env, PATH: `${bin}:${process.env.PATH}` } });
}

const consumerSource = `
import { createGateway, defineConfig, defineDestination, outcomeOf, webhook, type Gateway } from "leadkeep";
import { zapier } from "leadkeep/destinations";
import { startSandbox } from "leadkeep/sandbox";
import * as z from "zod";

const crm = defineDestination({
  kind: "crm",
  label: "Our CRM",
  options: z.object({ url: z.url() }),
  async deliver(lead, { url }, { deliveryId, fetch }) {
    const body = JSON.stringify({ id: deliveryId, email: lead.email });
    return outcomeOf(await fetch(url, { method: "POST", body }));
  },
});

export default defineConfig({
  forms: {
    contact: { fields: z.object({ email: z.email() }), origins: ["https://example.com"], destinations: ["crm"] },
  },
  destinations: {
    crm: crm({ url: "https://crm.example.com/leads", schedule: "5s,1m", purpose: "enquiry" }),
    hook: webhook({ url: "https://example.com/hook", map: (payload) => ({ mail: payload.email }) }),
    zap: zapier({ url: "https://hooks.zapier.com/hooks/catch/1/a/", timeoutMs: 5_000 }),
  },
});

export const gateway: Promise<Gateway> = createGateway();
export const answer: Promise<Response> = gateway.then((g) => g.handler(new Request("https://example.com/f/contact")));
export const sandbox = startSandbox();
// @ts-expect-error an option of another kind is refused
webhook({ url: "https://example.com", apiKey: "x" });
`;

try {
  run("npm", ["pack", "--silent", "--ignore-scripts", "--pack-destination", folder]);
  const tarball = join(folder, readdirSync(folder).find((name) => name.endsWith(".tgz")) ?? "");
  run("publint", ["run", tarball, "--strict"]);
  run("attw", [tarball, "--profile", "esm-only"]);
  typeCheckConsumer(tarball);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** What a user's config and own destination look like, compiled with `skipLibCheck` off against the packed types. */
function typeCheckConsumer(tarball: string): void {
  const consumer = join(folder, "consumer");
  const installed = join(consumer, "node_modules");
  mkdirSync(join(installed, "leadkeep"), { recursive: true });
  run("tar", ["-xzf", tarball, "-C", join(installed, "leadkeep"), "--strip-components", "1"]);
  const { dependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Manifest;
  for (const name of [...Object.keys(dependencies), "@types/node", "undici-types"]) {
    cpSync(join(root, "node_modules", name), join(installed, name), { recursive: true });
  }
  writeFileSync(join(consumer, "package.json"), '{ "type": "module" }');
  writeFileSync(join(consumer, "leadkeep.config.ts"), consumerSource);
  run(
    "tsc",
    [
      "--noEmit",
      "--strict",
      "--exactOptionalPropertyTypes",
      "--module",
      "nodenext",
      "--target",
      "es2023",
      "--types",
      "node",
      "leadkeep.config.ts",
    ],
    consumer,
  );
}
