import { randomBytes } from "node:crypto";
import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { MiddlewareHandler } from "hono";

const mediaTypes: Record<string, string> = {
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
};
const packed = new Set([".css", ".js", ".json", ".svg"]);
const compress = promisify(gzip);

/** Where the build puts the console. */
const builtFolder = fileURLToPath(new URL("../../dist/console", import.meta.url));

type Asset = { type: string; bytes: Buffer; gzipped: Buffer | null };

/**
 * The console's built pages below `/console`: files as they are, and the one page for every other address, since the routes are the
 * browser's. Only files that were there at the first request are served, so no address reaches beyond the folder.
 */
export function consolePages(folder = builtFolder): MiddlewareHandler {
  let built: { files: ReadonlySet<string>; page: string } | null = null;
  const loaded = new Map<string, Promise<Asset>>();

  async function look(): Promise<typeof built> {
    try {
      const files = new Set(
        readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => name.replaceAll("\\", "/")),
      );
      return { files, page: await readFile(join(folder, "index.html"), "utf8") };
    } catch {
      return null;
    }
  }

  async function load(name: string): Promise<Asset> {
    const bytes = await readFile(join(folder, name));
    const gzipped = packed.has(extname(name)) ? await compress(bytes, { level: 9 }) : null;
    return { type: mediaTypes[extname(name)] ?? "application/octet-stream", bytes, gzipped };
  }

  return async (c) => {
    built ??= await look();
    if (!built) return c.text(notBuilt, 503, pageHeaders(null));
    const name = c.req.path.replace(/^\/console\/?/, "");
    if (!built.files.has(name) || extname(name) === "" || name === "index.html") {
      if (name.startsWith("assets/")) return c.text("There is no such file.\n", 404, pageHeaders(null));
      const nonce = randomBytes(16).toString("base64");
      return c.html(built.page.replaceAll("__CSP_NONCE__", nonce), 200, pageHeaders(nonce));
    }
    if (!loaded.has(name)) loaded.set(name, load(name));
    const { type, bytes, gzipped } = (await loaded.get(name)) as Asset;
    const asGzip = gzipped !== null && /\bgzip\b/.test(c.req.header("accept-encoding") ?? "");
    return c.body(new Uint8Array(asGzip ? gzipped : bytes), 200, {
      "content-type": type,
      // The build names assets by what is in them.
      "cache-control": name.startsWith("assets/") ? "public, max-age=31536000, immutable" : "no-cache",
      vary: "accept-encoding",
      "x-content-type-options": "nosniff",
      ...(asGzip ? { "content-encoding": "gzip" } : {}),
    });
  };
}

const notBuilt = "The console has not been built. In a clone: npm run build. The installed package has it.\n";

/** `nonce`: of the page's style elements, which its components make as they need them; scripts are files only. */
function pageHeaders(nonce: string | null): Record<string, string> {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self'${nonce === null ? "" : ` 'nonce-${nonce}'`}`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ];
  return {
    "cache-control": "no-store",
    "content-security-policy": policy.join("; "),
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-robots-tag": "noindex",
  };
}
