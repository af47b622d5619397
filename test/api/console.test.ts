import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Hono } from "hono";
import { expect, onTestFinished, test } from "vitest";
import { consolePages } from "../../src/server/console.ts";

/** The pages of a made-up build. */
function aConsole(files: Record<string, string>): Hono {
  const folder = mkdtempSync(join(tmpdir(), "leadkeep-console-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, "assets"));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const app = new Hono();
  const pages = consolePages(folder);
  return app.get("/console", pages).get("/console/*", pages);
}

const page =
  '<!doctype html><meta name="csp-nonce" content="__CSP_NONCE__"><script src="/console/assets/main-1a2b.js"></script>';
const built = { "index.html": page, "assets/main-1a2b.js": "run();", "icon.svg": "<svg></svg>" };

test("every address of the console's own routes gets the page, with a nonce of its own each time", async () => {
  const app = aConsole(built);
  const nonces = new Set<string>();
  for (const path of ["/console", "/console/", "/console/leads/lead_1", "/console/index.html", "/console/a.b/c"]) {
    const response = await app.request(path);
    const [, nonce = ""] = /content="([^"]+)"/.exec(await response.text()) ?? [];
    expect(response.status).toBe(200);
    expect(response.headers.get("content-security-policy")).toContain(`style-src 'self' 'nonce-${nonce}'`);
    nonces.add(nonce);
  }
  expect(nonces.size).toBe(5);
  expect(nonces).not.toContain("__CSP_NONCE__");
});

test("the page's policy lets no inline script run, and nobody frame it", async () => {
  const { headers } = await aConsole(built).request("/console");
  const policy = headers.get("content-security-policy") ?? "";
  expect(policy).toContain("default-src 'none'; script-src 'self';");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toContain("unsafe");
  expect(headers.get("cache-control")).toBe("no-store");
});

test("assets are named by what is in them, so browsers keep them; other files are asked for again", async () => {
  const app = aConsole(built);
  const script = await app.request("/console/assets/main-1a2b.js");
  expect(script.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
  expect([script.headers.get("content-type"), await script.text()]).toEqual([
    "text/javascript; charset=utf-8",
    "run();",
  ]);
  expect((await app.request("/console/icon.svg")).headers.get("cache-control")).toBe("no-cache");
});

test("assets go out compressed to browsers that take that", async () => {
  const response = await aConsole(built).request("/console/assets/main-1a2b.js", {
    headers: { "accept-encoding": "br, gzip" },
  });
  expect(response.headers.get("content-encoding")).toBe("gzip");
  const text = response.body?.pipeThrough(new DecompressionStream("gzip"));
  expect(await new Response(text).text()).toBe("run();");
});

test("an asset of another version is missing, not the page", async () => {
  expect((await aConsole(built).request("/console/assets/main-old.js")).status).toBe(404);
});

test("no address reaches beyond the build", async () => {
  const app = aConsole(built);
  for (const path of [
    "/console/..%2f..%2fpackage.json",
    "/console/%2e%2e/package.json",
    "/console/assets/..%2f..%2fpackage.json",
  ]) {
    expect(await (await app.request(path)).text()).not.toContain('"leadkeep"');
  }
});

test("a clone that was not built says what to do", async () => {
  const app = new Hono().get("/console", consolePages(join(tmpdir(), "leadkeep-not-there")));
  const response = await app.request("/console");
  expect([response.status, await response.text()]).toEqual([503, expect.stringContaining("npm run build")]);
});
