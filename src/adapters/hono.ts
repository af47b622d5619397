import { type MountOptions, mount } from "./shared/mount.ts";
import { at, waitUntilOf } from "./shared/wait-until.ts";

export type { MountOptions } from "./shared/mount.ts";
export { type GatewayOptions, getGateway, type Work } from "./shared/one-gateway.ts";

/** What is used of a Hono context. */
type Context = {
  req: { raw: Request; arrayBuffer(): Promise<ArrayBuffer>; formData(): Promise<FormData> };
  env: unknown;
  executionCtx: unknown;
};

/** For Hono: `app.all("/leads/*", leadkeep())`. Middleware may have read the body before. */
export function leadkeep(options?: MountOptions): (context: Context) => Promise<Response> {
  const answer = mount(options);
  return async (context) => {
    const address = at(context.env, "incoming", "socket", "remoteAddress");
    return answer(await unread(context.req), {
      address: typeof address === "string" ? address : null,
      waitUntil: waitUntilOf(executionOf(context)),
    });
  };
}

/** Hono throws where the host has none. */
function executionOf(context: Context): unknown {
  try {
    return context.executionCtx;
  } catch {
    return undefined;
  }
}

const formType = /^\s*(?:multipart\/form-data|application\/x-www-form-urlencoded)\b/i;

/** Middleware may have read the body: Hono has kept it, in the shape it was asked for. */
async function unread(read: Context["req"]): Promise<Request> {
  const { raw } = read;
  if (!raw.bodyUsed) return raw;
  const { method, url } = raw;
  const headers = new Headers(raw.headers);
  headers.delete("content-length");
  if (!formType.test(headers.get("content-type") ?? "")) {
    return new Request(url, { method, headers, body: await read.arrayBuffer() });
  }
  // Written anew, with a boundary of its own.
  headers.delete("content-type");
  return new Request(url, { method, headers, body: await read.formData() });
}
