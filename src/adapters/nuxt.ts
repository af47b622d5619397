import { type MountOptions, mount } from "./shared/mount.ts";
import { type NodeRequest, requestOf } from "./shared/node-request.ts";
import { at, waitUntilOf } from "./shared/wait-until.ts";

export type { MountOptions } from "./shared/mount.ts";
export { type GatewayOptions, getGateway, type Work } from "./shared/one-gateway.ts";

/** What is used of an event of h3: of version 1 its Node request, of version 2 its web request. */
type Event = { node?: { req: object } | undefined; req?: unknown };

/**
 * An event handler for Nuxt, Nitro and h3, in `server/routes/api/leadkeep/[...path].ts`: `export default defineEventHandler(leadkeep())`.
 * The visitor's address is the socket's, unless `TRUST_PROXY` is set.
 */
export function leadkeep(options?: MountOptions): (event: Event) => Promise<Response> {
  const answer = mount(options);
  return async (event) => {
    const address = at(event, "node", "req", "socket", "remoteAddress") ?? at(event, "req", "ip");
    return answer(await webRequestOf(event), {
      address: typeof address === "string" ? address : null,
      waitUntil: waitUntilOf(event, at(event, "req"), at(event, "context")),
    });
  };
}

async function webRequestOf({ node, req }: Event): Promise<Request> {
  if (req instanceof Request) return req;
  const incoming = node?.req as NodeRequest & { [kept]?: Promise<Buffer> };
  // h3 keeps under this symbol what somebody in front of us has read (https://github.com/h3js/h3, src/utils/body.ts of version 1).
  const rawBody = await incoming[kept];
  return requestOf(rawBody ? Object.assign(incoming, { rawBody }) : incoming);
}

const kept = Symbol.for("h3RawBody");
