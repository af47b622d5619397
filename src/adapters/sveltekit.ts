import { type MountOptions, mount } from "./shared/mount.ts";
import { at, waitUntilOf } from "./shared/wait-until.ts";

export type { MountOptions } from "./shared/mount.ts";
export { type GatewayOptions, getGateway, type Work } from "./shared/one-gateway.ts";

/** What is used of SvelteKit's event. */
type RequestEvent = { request: Request; getClientAddress(): string; platform?: unknown };
type Handler = (event: RequestEvent) => Promise<Response>;

/**
 * An endpoint for SvelteKit, in `src/routes/api/leadkeep/[...path]/+server.ts`: `export const { GET, POST, OPTIONS } = leadkeep()`.
 * The visitor's address is the adapter's `getClientAddress`, unless `TRUST_PROXY` is set.
 */
export function leadkeep(options?: MountOptions): Record<"GET" | "POST" | "OPTIONS", Handler> {
  const answer = mount(options);
  const handle: Handler = (event) =>
    answer(event.request, {
      address: addressOf(event),
      waitUntil: waitUntilOf(at(event.platform, "ctx"), at(event.platform, "context")),
    });
  return { GET: handle, POST: handle, OPTIONS: handle };
}

/** SvelteKit throws where its adapter does not know, or is told of a header that is not there. */
function addressOf(event: RequestEvent): string | null {
  try {
    return event.getClientAddress();
  } catch {
    return null;
  }
}
