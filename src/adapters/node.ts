import type { ServerResponse } from "node:http";
import { type MountOptions, mount } from "./shared/mount.ts";
import { type NodeRequest, requestOf, send } from "./shared/node-request.ts";

export type { MountOptions } from "./shared/mount.ts";
export { type GatewayOptions, getGateway, type Work } from "./shared/one-gateway.ts";

/**
 * For Node's own server, and what is built on it: `createServer(leadkeep())`, or from a server of yours for paths below
 * `/leads/`. Body parsers may have been there before. What fails unexpectedly goes to `next`, or rejects without one.
 */
export function leadkeep(
  options?: MountOptions,
): (request: NodeRequest, response: ServerResponse, next?: (error?: unknown) => void) => Promise<void> {
  const answer = mount(options);
  return async (request, response, next) => {
    try {
      const address = request.ip ?? request.socket.remoteAddress;
      await send(await answer(requestOf(request), { address }), request, response);
    } catch (error) {
      if (!next) throw error;
      next(error);
    }
  };
}
