import { type MountOptions, mount } from "./shared/mount.ts";
import { at, waitUntilOf } from "./shared/wait-until.ts";

export type { MountOptions } from "./shared/mount.ts";
export { type GatewayOptions, getGateway, type Work } from "./shared/one-gateway.ts";

/** What is used of Astro's context. */
type Context = { request: Request; readonly clientAddress: string; locals: object };
type Handler = (context: Context) => Promise<Response>;

/**
 * An endpoint for Astro, in `src/pages/api/leadkeep/[...path].ts`: `export const prerender = false` and
 * `export const { ALL } = leadkeep()`. The visitor's address is Astro's `clientAddress`, unless `TRUST_PROXY` is set.
 */
export function leadkeep(options?: MountOptions): { ALL: Handler } {
  const answer = mount(options);
  const handle: Handler = (context) =>
    answer(context.request, {
      address: addressOf(context),
      waitUntil: waitUntilOf(
        at(context.locals, "runtime", "ctx"),
        at(context.locals, "cfContext"),
        at(context.locals, "netlify", "context"),
      ),
    });
  return { ALL: handle };
}

/** Astro throws where its adapter does not know. */
function addressOf(context: Context): string | null {
  try {
    return context.clientAddress;
  } catch {
    return null;
  }
}
