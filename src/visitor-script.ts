import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

/** Where the build puts it: beside this file when it is built itself, else in the clone's `dist`. */
const places = [
  // Written out, since bundlers that copy what a server needs look for exactly this.
  new URL("./browser/leadkeep.js", import.meta.url),
  new URL("../dist/browser/leadkeep.js", import.meta.url),
];

const screensPlaces = [
  new URL("./browser/screens.js", import.meta.url),
  new URL("../dist/browser/screens.js", import.meta.url),
];

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

let screens: string | null = null;

/** The browser's part of the screens for spam, which a form's `screens.js` ends with; null when it was not built. */
export function screensScript(): string | null {
  const place = screens === null ? screensPlaces.find((url) => existsSync(url)) : undefined;
  if (place) screens = readFileSync(place, "utf8");
  return screens;
}
