import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { getRequestListener } from "@hono/node-server";
import type { Gateway } from "../gateway.ts";
import type { IntakeReply } from "../intake/intake-request.ts";
import { traceOf } from "../model/log.ts";
import { readNodeBody } from "./node-body.ts";
import { visitorAddress } from "./visitor-address.ts";

export type RunningServer = {
  /** Where it listens, e.g. `http://127.0.0.1:8787`. */
  url: string;
  /** Takes no new connections and resolves when the requests under way are answered, or cut off after `graceMs`. */
  close(graceMs: number): Promise<void>;
};

export type ServerOptions = {
  /** Longest a submission's body may take to arrive. @default 15_000 */
  bodyTimeoutMs?: number;
};

/** An answered request may go on sending this long before its connection is cut. */
const lingerMs = 5_000;

/**
 * Serves a gateway over HTTP. Submissions go straight from the socket to intake, without a Request and Response in between;
 * everything else is the Hono app's. @throws when the port is taken
 */
export async function startServer(
  gateway: Gateway,
  { bodyTimeoutMs = 15_000 }: ServerOptions = {},
): Promise<RunningServer> {
  const stopping = new AbortController();
  const others = lazyApp(gateway, stopping.signal);
  const { publicUrl } = gateway.options;
  const publicOrigin = publicUrl === null ? null : new URL(publicUrl).origin;
  const server = createServer(
    { headersTimeout: 10_000, requestTimeout: 30_000, keepAliveTimeout: 20_000, connectionsCheckingInterval: 5_000 },
    (request, response) => {
      const reply = receive(gateway, request, publicOrigin, bodyTimeoutMs);
      if (!reply) {
        closeWhenStopping();
        others(request, response).catch((error) => fail(response, error, "a request failed"));
        return;
      }
      reply.then(
        (answer) => {
          closeWhenStopping();
          write(request, response, answer);
        },
        (error) => fail(response, error, "a submission failed"),
      );

      function fail(response: ServerResponse, error: unknown, what: string): void {
        gateway.log.error({ error: traceOf(error) }, what);
        response.writeHead(500).end();
      }

      /** Without it a client that posts on and on over one connection keeps the server open, and is cut off at the end. */
      function closeWhenStopping(): void {
        if (!server.listening) response.setHeader("connection", "close");
      }
    },
  );
  const { host, port } = gateway.options;
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(port, host, resolve));
  return {
    url: urlOf(server.address() as AddressInfo),
    close: (graceMs) => {
      stopping.abort();
      return close(server, graceMs);
    },
  };
}

/** Everything but submissions is answered by the Hono app, which is loaded with the first such request. */
function lazyApp(
  gateway: Gateway,
  stopping: AbortSignal,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  let loading: Promise<ReturnType<typeof getRequestListener>> | null = null;
  async function load() {
    const [{ getRequestListener }, { createApp }] = await Promise.all([
      import("@hono/node-server"),
      import("./app.ts"),
    ]);
    return getRequestListener(createApp(gateway, stopping).fetch);
  }
  return async (request, response) => {
    loading ??= load();
    await (await loading)(request, response);
  };
}

function receive(
  gateway: Gateway,
  request: IncomingMessage,
  publicOrigin: string | null,
  bodyTimeoutMs: number,
): Promise<IntakeReply> | null {
  const { headers, method = "GET", url = "/", socket } = request;
  if (!url.startsWith("/f/")) return null;
  const query = url.indexOf("?");
  const header = (name: string): string | null => {
    const value = headers[name];
    return typeof value === "string" ? value : null;
  };
  return gateway.receive(query < 0 ? url : url.slice(0, query), {
    method,
    header,
    address: visitorAddress(socket.remoteAddress, header("x-forwarded-for"), gateway.options.trustProxy),
    origin: publicOrigin ?? `http://${headers.host ?? ""}`,
    readBody: (limitBytes) => readNodeBody(request, limitBytes, bodyTimeoutMs),
  });
}

function write(request: IncomingMessage, response: ServerResponse, { status, headers, body }: IntakeReply): void {
  response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) });
  response.end(body);
  if (request.complete) return;
  // Refused before all of it had come: read on for a while, or the sender would see a reset instead of the answer.
  request.resume();
  setTimeout(() => request.complete || request.destroy(), lingerMs).unref();
}

async function close(server: Server, graceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  // Also those that become idle meanwhile, such as one whose event stream has just ended.
  server.closeIdleConnections();
  const idle = setInterval(() => server.closeIdleConnections(), 50);
  const timer = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearInterval(idle);
  clearTimeout(timer);
}

function urlOf({ address, port, family }: AddressInfo): string {
  return `http://${family === "IPv6" ? `[${address}]` : address}:${port}`;
}
