import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { getRequestListener } from "@hono/node-server";
import type { Gateway } from "../gateway.ts";
import type { IntakeReply } from "../intake/intake-request.ts";
import { traceOf } from "../model/log.ts";
import { type BodyRoom, createBodyRoom } from "./body-room.ts";
import { limitConnections } from "./crowd.ts";
import { listen } from "./listen.ts";
import { openMetrics } from "./metrics-route.ts";
import { readNodeBody } from "./node-body.ts";
import { documentHeaders, standingHeaders } from "./standing-headers.ts";
import { visitorAddress } from "./visitor-address.ts";
import { createWaitingLine, type WaitingLine } from "./waiting-line.ts";

// An import reads every export of it, and one of them has Node load its own undici: a tenth of a start.
const { createServer } = process.getBuiltinModule("node:http");

export type RunningServer = {
  /** Where it listens, e.g. `http://127.0.0.1:8787`. */
  url: string;
  /** Takes no new connections and resolves when the requests under way are answered, or cut off after `graceMs`. */
  close(graceMs: number): Promise<void>;
};

export type ServerOptions = {
  /** Longest a submission's body may take to arrive. @default 15_000 */
  bodyTimeoutMs?: number;
  /** Longest a request's headers may take to arrive. @default 10_000 */
  headersTimeoutMs?: number;
  /** Connections open at once. @default 4_000 */
  mostConnections?: number;
  /** Memory all submissions on their way have together, in bytes. @default 67_108_864 */
  bodyRoomBytes?: number;
  /** How long submissions may wait to be kept before others are told to come again. @default 2_000 */
  longestWaitMs?: number;
  /** Listening sockets on the port. @default 128 on Linux, else 1 */
  doors?: number;
};

/** How often connections that take too long are looked for. */
const lookEveryMs = 5_000;

/** An answered request may go on sending this long before its connection is cut. */
const lingerMs = 5_000;

/**
 * Serves a gateway over HTTP. Submissions go straight from the socket to intake, without a Request and Response in between;
 * everything else is the Hono app's. @throws when the port is taken
 */
export async function startServer(
  gateway: Gateway,
  {
    bodyTimeoutMs = 15_000,
    headersTimeoutMs = 10_000,
    mostConnections = 4_000,
    bodyRoomBytes = 64 * 1024 * 1024,
    longestWaitMs = 2_000,
    doors,
  }: ServerOptions = {},
): Promise<RunningServer> {
  const stopping = new AbortController();
  const others = lazyApp(gateway, stopping.signal, openMetrics(gateway, stopping.signal));
  const { publicUrl } = gateway.options;
  const publicOrigin = publicUrl === null ? null : new URL(publicUrl).origin;
  const standing = standingHeaders(publicUrl);
  const ahead = new Map(Object.entries({ ...standing, ...documentHeaders }));
  // Where a visitor is thanked only once a destination has had its time, that time says nothing of a crowd.
  const confirmMs = Math.max(0, ...gateway.options.destinations.map((destination) => destination.confirmMs ?? 0));
  const limits = {
    room: createBodyRoom(bodyRoomBytes),
    timeoutMs: bodyTimeoutMs,
    line: createWaitingLine(longestWaitMs, { besidesMs: confirmMs }),
  };
  const server = createServer(
    {
      headersTimeout: headersTimeoutMs,
      requestTimeout: 30_000,
      keepAliveTimeout: 20_000,
      connectionsCheckingInterval: Math.min(headersTimeoutMs, lookEveryMs),
    },
    (request, response) => {
      const received = receive(gateway, request, publicOrigin, limits);
      if (!received) {
        closeWhenStopping();
        response.setHeaders(ahead);
        others(request, response).catch((error) => fail(response, error, "a request failed"));
        return;
      }
      received.reply.then(
        (answer) => {
          received.leave();
          closeWhenStopping();
          write(request, response, standing, answer);
        },
        (error) => {
          received.leave();
          fail(response, error, "a submission failed");
        },
      );

      function fail(response: ServerResponse, error: unknown, what: string): void {
        gateway.log.error({ error: traceOf(error) }, what);
        response.writeHead(500, { ...standing }).end();
      }

      /** Without it a client that posts on and on over one connection keeps the server open, and is cut off at the end. */
      function closeWhenStopping(): void {
        if (!server.listening) response.setHeader("connection", "close");
      }
    },
  );
  limitConnections(server, mostConnections);
  const { host, port } = gateway.options;
  // What comes at once waits there until it is accepted; the system turns away what is more, to try again after seconds.
  const stopListening = await listen(server, { host, port, backlog: Math.max(511, mostConnections), doors });
  return {
    url: urlOf(server.address() as AddressInfo),
    close: (graceMs) => {
      stopping.abort();
      return close(server, stopListening, graceMs);
    },
  };
}

/** Everything but submissions is answered by the Hono app, which is loaded with the first such request. */
function lazyApp(
  gateway: Gateway,
  stopping: AbortSignal,
  metrics: ReturnType<typeof openMetrics>,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  let loading: Promise<ReturnType<typeof getRequestListener>> | null = null;
  async function load() {
    const [{ getRequestListener }, { createApp }] = await Promise.all([
      import("@hono/node-server"),
      import("./app.ts"),
    ]);
    return getRequestListener(createApp(gateway, stopping, metrics).fetch);
  }
  return async (request, response) => {
    loading ??= load();
    await (await loading)(request, response);
  };
}

type Limits = { room: BodyRoom; timeoutMs: number; line: WaitingLine };

/** A submission on its way; `leave` when it is answered. */
type Received = { reply: Promise<IntakeReply>; leave(): void };

function receive(
  gateway: Gateway,
  request: IncomingMessage,
  publicOrigin: string | null,
  { line, ...limits }: Limits,
): Received | null {
  const { headers, method = "GET", url = "/", socket } = request;
  if (!url.startsWith("/f/")) return null;
  const query = url.indexOf("?");
  const header = (name: string): string | null => {
    const value = headers[name];
    return typeof value === "string" ? value : null;
  };
  let leave = (): void => {};
  const reply = gateway.receive(query < 0 ? url : url.slice(0, query), {
    method,
    header,
    address: visitorAddress(socket.remoteAddress, header("x-forwarded-for"), gateway.options.trustProxy),
    origin: publicOrigin ?? `http://${headers.host ?? ""}`,
    readBody: async (limitBytes) => {
      if (line.isLong()) return { type: "crowded" };
      const read = await readNodeBody(request, { ...limits, limitBytes });
      leave = line.enter();
      await line.turn();
      return read;
    },
  });
  return reply && { reply, leave: () => leave() };
}

function write(
  request: IncomingMessage,
  response: ServerResponse,
  standing: Readonly<Record<string, string>>,
  { status, headers, body }: IntakeReply,
): void {
  response.writeHead(status, { ...standing, ...headers, "content-length": Buffer.byteLength(body) });
  response.end(body);
  if (request.complete) return;
  // Refused before all of it had come: read on for a while, or the sender would see a reset instead of the answer.
  request.resume();
  setTimeout(() => request.complete || request.destroy(), lingerMs).unref();
}

async function close(server: Server, stopListening: () => Promise<void>, graceMs: number): Promise<void> {
  const closed = stopListening();
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
