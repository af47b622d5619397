import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

/** Where the build puts it: beside this file when it is built itself, else in the clone's `dist`. */
const places = ["./browser/leadkeep.js", "../dist/browser/leadkeep.js"].map((place) => new URL(place, import.meta.url));

type Script = { plain: Uint8Array<ArrayBuffer>; gzip: Uint8Array<ArrayBuffer>; etag: string };
let script: Script | null = null;

/** Answers a GET of `leadkeep.js`, to pages of any origin. 404 when it was not built. */
export function visitorScript(request: Request): Response {
  script ??= readScript();
  if (!script) return new Response("leadkeep.js is not built: run `npm run build`\n", { status: 404 });
  const headers: Record<string, string> = {
    "content-type": "text/javascript; charset=utf-8",
    "cache-control": "public, max-age=3600",
    etag: script.etag,
    vary: "accept-encoding",
    "access-control-allow-origin": "*",
    "cross-origin-resource-policy": "cross-origin",
    "x-content-type-options": "nosniff",
  };
  // Weak comparison, since proxies that compress make the tag a weak one.
  if (request.headers.get("if-none-match")?.includes(script.etag)) return new Response(null, { status: 304, headers });
  const isGzip = /\bgzip\b/.test(request.headers.get("accept-encoding") ?? "");
  const body = isGzip ? script.gzip : script.plain;
  if (isGzip) headers["content-encoding"] = "gzip";
  headers["content-length"] = String(body.length);
  return new Response(request.method === "HEAD" ? null : body, { headers });
}

/** Read once: a new build is served after the next start. */
function readScript(): Script | null {
  const place = places.find((url) => existsSync(url));
  if (!place) return null;
  const plain = new Uint8Array(readFileSync(place));
  const etag = `"${createHash("sha256").update(plain).digest("base64url").slice(0, 22)}"`;
  return { plain, gzip: new Uint8Array(gzipSync(plain, { level: 9 })), etag };
}
