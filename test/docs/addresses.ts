import { aGateway } from "../support/a-gateway.ts";
import { type Block, place } from "./blocks.ts";

/** The gateway in the docs, on its own or mounted in an app. What follows is its path. */
const address =
  /(?:https:\/\/leads\.example\.com|http:\/\/(?:127\.0\.0\.1|localhost):8787|(?<=["'`])\/api\/leadkeep)(\/[\w./$%-]*)/g;
/** Pages for people, which need the console's build or a token. */
const notAsked = /^\/(?:console|c|u|s)(?:\/|$)/;

/** Addresses at the gateway that it does not answer. */
export async function addressProblems(blocks: readonly Block[]): Promise<string[]> {
  const named = blocks.flatMap((block) =>
    [...withFormActions(block).matchAll(address)].map(([, path = ""]) => ({ block, path: path.replace(/\.$/, "") })),
  );
  const { url, close } = await aGateway();
  try {
    const { paths } = (await (await fetch(`${url}/api/v1/openapi.json`)).json()) as { paths: object };
    const api = Object.keys(paths).map((path) => new RegExp(`${path.replace(/\{[^}]+\}/g, "[^/]+")}$`));
    const verdicts = new Map<string, boolean>();
    for (const { path } of named)
      if (!verdicts.has(path)) verdicts.set(path, notAsked.test(path) || (await isAnswered(url, path, api)));
    return named
      .filter(({ path }) => !verdicts.get(path))
      .map(({ block, path }) => `${place(block)}: nothing at ${path}`);
  } finally {
    await close();
  }
}

/** A block, in which a form's own path is written as the gateway's. */
function withFormActions({ text }: Block): string {
  return text.replace(/\baction="(\/(?!api\/leadkeep)[^"]*)"/g, 'action="https://leads.example.com$1"');
}

async function isAnswered(url: string, path: string, api: readonly RegExp[]): Promise<boolean> {
  if (path.startsWith("/api/v1"))
    return /^\/api\/v1(?:\/|\/openapi\.json)?$/.test(path) || api.some((one) => one.test(path));
  for (const method of ["GET", "POST"]) {
    const { status, body } = await fetch(url + path, { method, redirect: "manual" });
    await body?.cancel();
    if (status !== 404 && status !== 405) return true;
  }
  return false;
}
