import { type MountOptions, mount } from "./shared/mount.ts";
import { at, waitUntilOf } from "./shared/wait-until.ts";

export type { MountOptions } from "./shared/mount.ts";
export { type GatewayOptions, getGateway, type Work } from "./shared/one-gateway.ts";

/** What is used of the arguments of loaders and actions. */
type Arguments = { request: Request; context?: unknown };
type Handler = (args: Arguments) => Promise<Response>;

/**
 * A resource route for React Router, such as `app/routes/leadkeep.ts` at the path `api/leadkeep/*`:
 * `export const { action, loader } = leadkeep()`. React Router does not tell the visitor's address: it is what `X-Forwarded-For`
 * says where `TRUST_PROXY` is set, else unknown.
 */
export function leadkeep(options?: MountOptions): Record<"action" | "loader", Handler> {
  const answer = mount(options);
  const handle: Handler = ({ request, context }) =>
    answer(request, { waitUntil: waitUntilOf(at(context, "cloudflare", "ctx"), context) });
  return { action: handle, loader: handle };
}
