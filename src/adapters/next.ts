import { leadkeep as onNode } from "./node.ts";
import { type MountOptions, mount } from "./shared/mount.ts";

export type { MountOptions } from "./shared/mount.ts";
export { type GatewayOptions, getGateway, type Work } from "./shared/one-gateway.ts";

type Handler = (request: Request) => Promise<Response>;

/**
 * Route handlers for Next's app router, in `app/api/leadkeep/[...path]/route.ts`:
 * `export const { GET, POST, OPTIONS } = leadkeep()`. Next does not tell the visitor's address: it is what `X-Forwarded-For` says
 * where `TRUST_PROXY` is set, else unknown.
 */
export function leadkeep(options?: MountOptions): Record<"GET" | "POST" | "OPTIONS", Handler> {
  const answer = mount(options);
  const handle: Handler = (request) => answer(request, {});
  return { GET: handle, POST: handle, OPTIONS: handle };
}

/** The handler for Next's pages router, the default export of `pages/api/leadkeep/[...path].ts`, with Next's body parser on or off. */
export function leadkeepPages(options?: MountOptions): ReturnType<typeof onNode> {
  return onNode(options);
}
