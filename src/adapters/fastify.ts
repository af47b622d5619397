import type { IncomingMessage } from "node:http";
import { type MountOptions, mount } from "./shared/mount.ts";
import { requestOf } from "./shared/node-request.ts";
import { openOnce } from "./shared/one-gateway.ts";

export type { MountOptions } from "./shared/mount.ts";
export { type GatewayOptions, getGateway, type Work } from "./shared/one-gateway.ts";

/** What is used of a Fastify instance. */
type App = {
  removeAllContentTypeParsers(): void;
  addContentTypeParser(
    type: string,
    parser: (request: unknown, body: unknown, done: (error: null) => void) => void,
  ): unknown;
  all(path: string, handler: (request: { raw: IncomingMessage; ip: string }) => Promise<Response>): unknown;
  addHook(name: "onReady", hook: () => Promise<void>): unknown;
};

/**
 * A Fastify plugin: `app.register(leadkeep, { prefix: "/leads" })`. Bodies under the prefix are left to Leadkeep, whatever parsers
 * the app has; the rest of the app is untouched. The gateway opens with the app. The visitor's address is `request.ip`, which
 * follows Fastify's `trustProxy`, unless `TRUST_PROXY` is set.
 */
export async function leadkeep(app: App, options: MountOptions & { prefix?: string } = {}): Promise<void> {
  const answer = mount(options);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", (_request, _body, done) => done(null));
  app.all("/*", ({ raw, ip }) => answer(requestOf(raw), { address: ip }));
  if (!options.gateway) app.addHook("onReady", async () => void (await openOnce(options)));
}
