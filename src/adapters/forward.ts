import { ask, type Reply, type Silence, tryFor } from "./forward/ask.ts";
import { notReached, tooLarge } from "./forward/own-answers.ts";
import { type Signing, signedHeaders } from "./forward/signed-headers.ts";

/** Where submissions are passed on to, and how. */
export type ForwardOptions = Signing & {
  /** The gateway's address, such as `https://leads.example.com`, with whatever stands before `/f/` there. */
  gateway: string;
  /** The form's id. @default what follows `/f/` in the request's path */
  form?: string;
  /** Longest the gateway is tried for, in milliseconds. One try may take half of it. @default 10_000 */
  budgetMs?: number;
  /** Longest body that is passed on, in bytes: the gateway's own limit. @default 262_144 */
  maxBodyBytes?: number;
  /** Told, in a sentence without personal data, why a submission could not be passed on. @default console.error */
  report?(trouble: string): void;
};

/**
 * Passes a submission on to a gateway elsewhere, signed, and hands its answer back: the lead is on disk there when it is a 202 or
 * 303. A gateway that cannot be reached, or asks to wait, is tried again within the budget; the submission counts once, however
 * often it was sent. What could not be passed on is answered 503 with `Retry-After`, to browsers with a page that keeps what was
 * typed. The pages beside a form (`/f/{form}/thanks` …) and `leadkeep.js` are passed on too. Never rejects.
 *
 * Needs `fetch` and Web Crypto, nothing else: it runs on Cloudflare, Netlify, Vercel's edge, Deno, Bun and Node.
 */
export async function forward(request: Request, options: ForwardOptions): Promise<Response> {
  const { gateway, form, budgetMs = 10_000, maxBodyBytes = 262_144, report = toConsole } = options;
  const { pathname, origin } = new URL(request.url);
  const { target, path } = targetOf(pathname, form);
  if (target === null) return new Response("Not found\n", { status: 404 });
  const id = `fwd_${crypto.randomUUID()}`;
  let body: Uint8Array<ArrayBuffer> | null = new Uint8Array();

  function failed(trouble: string): Promise<Response> {
    report(trouble);
    return notReached(request, body ?? new Uint8Array(), { path, id });
  }

  try {
    body = await bytesOf(request, maxBodyBytes);
    if (body === null) return tooLarge(request);
    const url = gateway.replace(/\/+$/, "") + target;
    const headers = await signedHeaders(request, body, { id, target, origin, path }, options);
    const sent = { method: request.method, headers, ...(body.length > 0 ? { body } : {}) };
    const reply = await tryFor(budgetMs, (limitMs) => ask(url, sent, limitMs));
    const trouble = troubleIn(reply);
    if (trouble !== null) return failed(trouble);
    return handedOn(reply as Reply, form === undefined ? null : { from: `${path}/thanks`, to: `${url}/thanks` });
  } catch (error) {
    return failed(`nothing was passed on: ${error instanceof Error ? error.message : error}`);
  }
}

const formPath = /\/f\/[^/]+(\/thanks|\/stamp|\/challenge|\/screens\.js)?$/;

/** The path at the gateway, null when nothing is there, and the form's own path here. */
function targetOf(pathname: string, form: string | undefined): { target: string | null; path: string } {
  // Two slashes at its beginning would make another host of it, wherever it serves as an address.
  const path = pathname.replace(/\/+$/, "").replace(/^[/\\]*/, "/");
  if (form !== undefined) return { target: `/f/${encodeURIComponent(form)}`, path };
  if (path.endsWith("/leadkeep.js")) return { target: "/leadkeep.js", path };
  const [target = null, page = ""] = formPath.exec(path) ?? [];
  return { target, path: path.slice(0, path.length - page.length) };
}

/** The body as it came; null when it is longer than that. */
async function bytesOf(request: Request, limitBytes: number): Promise<Uint8Array<ArrayBuffer> | null> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  const reader = request.body?.getReader();
  for (let read = await reader?.read(); read && !read.done; read = await reader?.read()) {
    chunks.push(new Uint8Array(read.value));
    length += read.value.length;
    if (length > limitBytes) {
      reader?.cancel().catch(() => {});
      return null;
    }
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}

/** Why a reply is none of a gateway that has read the submission; null when it is. */
function troubleIn(reply: Reply | Silence): string | null {
  if ("silence" in reply) return `the gateway could not be reached: ${reply.silence}`;
  const { status, body } = reply;
  if (reply.isDown) return `the gateway could not be reached: ${status} was answered in front of it`;
  const text = status === 403 ? new TextDecoder().decode(body) : "";
  return text.includes('"code":"bad_signature"') ? `the gateway does not believe this forwarder: ${text}` : null;
}

/** About the connection, the encoding that `fetch` has undone, or the gateway's own host. */
const notHandedOn =
  /^(?:alt-svc|connection|content-encoding|content-length|date|keep-alive|server|set-cookie|strict-transport-security|transfer-encoding|via)$/;

/** `thanks`: where the built-in page is asked for, and where it is when only the form itself is mounted here. */
function handedOn({ status, headers, body }: Reply, thanks: { from: string; to: string } | null): Response {
  const own = new Headers([...headers].filter(([name]) => !notHandedOn.test(name)));
  if (thanks && own.get("location") === thanks.from) own.set("location", thanks.to);
  return new Response(status === 204 || status === 304 ? null : body, { status, headers: own });
}

function toConsole(trouble: string): void {
  // biome-ignore lint/suspicious/noConsole: the logs of edge hosts are what is written here
  console.error(`leadkeep: ${trouble}`);
}
