const unavailable = "We cannot take your submission just now";
const again =
  "Your details were not saved, as far as we can tell. Please send them again in a moment: sent twice, they count once.";
const style = `:root{color-scheme:light dark}body{max-width:36rem;margin:0 auto;padding:clamp(2rem,8vh,5rem) 1.25rem;font:1rem/1.55 system-ui,sans-serif}button{font:inherit;padding:.7rem 1.4rem}dd{margin:0 0 1rem;white-space:pre-line;overflow-wrap:anywhere}`;

/**
 * What is answered when no gateway could be reached. 503 with `Retry-After`, which `leadkeep.js` waits for and sends again; browsers
 * get a page from which everything typed can be sent once more, under the same key: the first may have been kept after all.
 */
export async function notReached(
  request: Request,
  body: Uint8Array<ArrayBuffer>,
  { path, id }: { path: string; id: string },
): Promise<Response> {
  const headers = { "retry-after": "10", "access-control-expose-headers": "retry-after" };
  // A page beside the form: what was sent before it may well have been kept.
  if (request.method !== "POST") return new Response("Not now. Reload in a moment.\n", { status: 503, headers });
  if (readsJson(request)) return problem(503, "gateway_unreachable", unavailable, again, headers);
  const typed = await typedIn(request, body);
  const resend = typed === null ? "" : resendForm(typed, { path, id, referer: request.headers.get("referer") });
  return page(503, unavailable, `<p>${again}</p>\n${resend}`, headers);
}

/** As the gateway would answer it. */
export function tooLarge(request: Request): Promise<Response> | Response {
  const title = "The submission is too large";
  const detail = "Please send a shorter message or a smaller file.";
  return readsJson(request) ? problem(413, "too_large", title, detail) : page(413, title, `<p>${detail}</p>`);
}

/** As intake decides it: who sends JSON or asks for it reads it. */
function readsJson({ headers }: Request): boolean {
  const type = headers.get("content-type")?.split(";")[0]?.trim() ?? "";
  return /^application\/(?:json|.*\+json)$/i.test(type) || /application\/json/i.test(headers.get("accept") ?? "");
}

/** The fields of a browser's post; null when they cannot be read. */
async function typedIn(request: Request, body: Uint8Array<ArrayBuffer>): Promise<Field[] | null> {
  const type = request.headers.get("content-type") ?? "";
  try {
    const form = await new Response(body, { headers: { "content-type": type } }).formData();
    return [...form] as Field[];
  } catch {
    return null;
  }
}

type Field = [name: string, value: string | File];
type Around = { path: string; id: string; referer: string | null };
const attributionName = /^(?:_attribution|page[-_]?url|referrer|utm_\w+|\w*clid)$/i;

/** Sends the same again. A file cannot be put into a page: it has to be chosen again. */
function resendForm(typed: readonly Field[], { path, id, referer }: Around): string {
  const texts = typed.filter((field): field is [string, string] => typeof field[1] === "string");
  const files = new Set(typed.filter(([, value]) => typeof value !== "string").map(([name]) => name));
  const hidden = [...texts];
  if (!texts.some(([name]) => name === "_key")) hidden.push(["_key", id]);
  // The page this is sent from is not the one the form stands on.
  const tellsPage = texts.some(([name]) => attributionName.test(name));
  if (referer !== null && !tellsPage) hidden.push(["_attribution", JSON.stringify({ url: referer })]);
  const inputs = hidden.map(
    ([name, value]) => `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">\n`,
  );
  const choosers = [...files].map(
    (name) => `<p><label>${escapeHtml(name)} <input type="file" name="${escapeHtml(name)}"></label></p>\n`,
  );
  const seen = texts.filter(([name, value]) => !name.startsWith("_") && value.trim() !== "");
  const list = seen.map(([name, value]) => `<dt>${escapeHtml(name)}</dt>\n<dd>${escapeHtml(value)}</dd>\n`);
  return `<form method="post" action="${escapeHtml(path)}" accept-charset="utf-8"${files.size > 0 ? ' enctype="multipart/form-data"' : ""}>
${inputs.join("")}${choosers.join("")}<button>Send again</button>
</form>
<details>
<summary>What you typed</summary>
<dl>
${list.join("")}</dl>
</details>`;
}

function problem(status: number, code: string, title: string, detail: string, headers = {}): Response {
  const body = JSON.stringify({ type: "about:blank", title, status, code, detail });
  return new Response(body, { status, headers: { ...common, ...headers, "content-type": "application/problem+json" } });
}

async function page(status: number, title: string, body: string, headers = {}): Promise<Response> {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(style)));
  const policy = `default-src 'none'; style-src 'sha256-${btoa(String.fromCharCode(...hash))}'; base-uri 'none'`;
  const html = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title}</title>
<style>${style}</style>
<h1>${title}</h1>
${body}
`;
  const types = { "content-type": "text/html; charset=utf-8", "content-security-policy": policy };
  return new Response(html, { status, headers: { ...common, ...headers, ...types } });
}

/** Whose form it is cannot be told here, so pages of any origin may read that it was not kept. */
const common = { "cache-control": "no-store", "x-content-type-options": "nosniff", "access-control-allow-origin": "*" };

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}
