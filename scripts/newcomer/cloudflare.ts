import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "../../bench/support/processes.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/index.ts";
import { write } from "./files.ts";
import { firstLead } from "./first-lead.ts";
import { type Running, run, start } from "./shell.ts";

const quiet = { WRANGLER_SEND_METRICS: "false" };
const secret = "k4Tq9vW2xZ7bN3mP8rL5sD1f";
const mounted = "/api/leadkeep/f/contact";

/** What docs/edge.md has people write. */
const astroRoute = `import { env } from "cloudflare:workers";
import type { APIRoute } from "astro";
import { forward } from "leadkeep/forward";

export const prerender = false;

export const ALL: APIRoute = ({ request, clientAddress }) =>
  forward(request, {
    gateway: env.LEADKEEP_URL,
    secret: env.LEADKEEP_FORWARD_SECRET,
    visitor: clientAddress,
  });
`;
const worker = `import { forward } from "leadkeep/forward";

export default {
  fetch: (request: Request, env: { LEADKEEP_URL: string; LEADKEEP_FORWARD_SECRET: string }) =>
    forward(request, { gateway: env.LEADKEEP_URL, secret: env.LEADKEEP_FORWARD_SECRET }),
};
`;

/**
 * A site on Cloudflare, and a gateway elsewhere: Astro with its Cloudflare adapter, built, and a Worker without a framework, both on
 * workerd, which is what Cloudflare runs. Resolves to what was done, and how long it took.
 */
export async function playCloudflare(folder: string, tarball: string): Promise<string> {
  const began = performance.now();
  const steps: string[] = [];
  const step = (what: string) => void steps.push(`${what} at ${((performance.now() - began) / 1_000).toFixed(1)} s`);
  const sandbox = await startSandbox();
  const running: Running[] = [];
  try {
    const port = await freePort();
    makeSite(folder, port);
    const packages = ["astro", "@astrojs/cloudflare", "wrangler", tarball];
    await run("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline", ...packages], folder);
    step("installed");
    const gateway = start("npx", ["leadkeep", "start"], folder, {
      PORT: String(port),
      CRM_WEBHOOK_URL: sandbox.vendors.webhook.url,
      LEADKEEP_ALLOW_PRIVATE_NETWORK: "1",
      LEADKEEP_FORWARD_SECRET: secret,
    });
    running.push(gateway);

    const astro = join(folder, "astro");
    await run("npx", ["astro", "build"], astro);
    step("Astro built");
    const sitePort = String(await freePort());
    const site = start("npx", ["astro", "preview", "--port", sitePort, "--host", "127.0.0.1"], astro, quiet);
    running.push(site);
    await firstLead(site, `http://127.0.0.1:${sitePort}`, { page: "/", action: mounted }, sandbox);
    step("Astro's form delivered");

    const workerPort = String(await freePort());
    const flags = [
      "--port",
      workerPort,
      "--ip",
      "127.0.0.1",
      "--inspector-port",
      "0",
      "--show-interactive-dev-session=false",
    ];
    const plain = start("npx", ["wrangler", "dev", ...flags], join(folder, "worker"), quiet);
    running.push(plain);
    sandbox.reset();
    await firstLead(plain, `http://127.0.0.1:${workerPort}`, { page: null, action: mounted }, sandbox);
    checkAddresses(sandbox);
    step("a Worker's form delivered");

    await gateway.stop();
    await checkWithoutGateway(`http://127.0.0.1:${workerPort}${mounted}`);
    step("told of a gateway that is gone");
    return steps.join(", ");
  } finally {
    for (const one of running) await one.stop();
    await sandbox.close();
  }
}

function makeSite(folder: string, gatewayPort: number): void {
  mkdirSync(folder, { recursive: true });
  const variables = `LEADKEEP_URL=http://127.0.0.1:${gatewayPort}\nLEADKEEP_FORWARD_SECRET=${secret}\n`;
  write(folder, {
    "package.json": JSON.stringify({ name: "site", type: "module", private: true }),
    "astro/astro.config.mjs": `import cloudflare from "@astrojs/cloudflare";
import { defineConfig } from "astro/config";

export default defineConfig({ adapter: cloudflare() });
`,
    "astro/src/pages/index.astro": `<html lang="en"><body>
<form method="post" action="${mounted}"><input name="email" /><button>Send</button></form>
</body></html>
`,
    "astro/src/pages/api/leadkeep/[...path].ts": astroRoute,
    "astro/package.json": JSON.stringify({ name: "site", type: "module", private: true }),
    "astro/wrangler.jsonc": '{ "name": "site", "compatibility_date": "2026-10-01" }',
    "astro/.dev.vars": variables,
    "worker/wrangler.jsonc": '{ "name": "plain", "main": "worker.ts", "compatibility_date": "2026-10-01" }',
    "worker/worker.ts": worker,
    "worker/.dev.vars": variables,
  });
}

/** The address was found by itself, and travelled. */
function checkAddresses(sandbox: Sandbox): void {
  const bodies = sandbox.vendors.webhook.received.map((one) => JSON.stringify(one));
  if (bodies.some((body) => !/ip_address[\\"]+:[\\"]+hmac-sha256/.test(body))) {
    throw new Error(`a lead came without the visitor's address:\n${bodies.join("\n")}`);
  }
}

async function checkWithoutGateway(url: string): Promise<void> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ email: "late@example.com" }),
  });
  const text = await response.text();
  if (response.status !== 503 || !text.includes("gateway_unreachable")) {
    throw new Error(`without a gateway the Worker answered ${response.status}: ${text}`);
  }
}
