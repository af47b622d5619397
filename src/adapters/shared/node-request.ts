import type { IncomingMessage, ServerResponse } from "node:http";
import { type Parsed, parsedBody } from "./parsed-body.ts";

/** A request of Node's server, and what frameworks add to it. */
export type NodeRequest = IncomingMessage &
  Parsed & {
    /** The path before a router cut its own off (Express). */
    originalUrl?: string;
    /** `http` or `https`, as the framework's own trust in proxies has it (Express). */
    protocol?: string;
    /** The visitor's address, likewise. */
    ip?: string | undefined;
  };

/** Longest a connection is read from after a reply that did not wait for all of the request. */
const lingerMs = 5_000;

/** The web `Request` a Node request stands for. Its body is read while it comes, or is what a parser has left of it. */
export function requestOf(incoming: NodeRequest): Request {
  const { method = "GET", headers } = incoming;
  const request = { method, headers: headersOf(headers) };
  const url = urlOf(incoming);
  if (method === "GET" || method === "HEAD") return new Request(url, request);
  const isUnread = !incoming.readableDidRead && !incoming.readableEnded;
  if (isUnread) return new Request(url, { ...request, body: streamOf(incoming), duplex: "half" });
  const { body, type } = parsedBody(incoming);
  for (const name of ["content-encoding", "content-length", "content-type"]) request.headers.delete(name);
  if (type) request.headers.set("content-type", type);
  return new Request(url, { ...request, body });
}

/** Sends a web `Response` by Node's. */
export async function send(response: Response, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const body = Buffer.from(await response.arrayBuffer());
  outgoing.writeHead(response.status, [...response.headers].flat());
  outgoing.end(body);
  if (incoming.complete) return;
  // Refused before all of it had come: read on for a while, or the sender would see a reset instead of the answer.
  incoming.resume();
  setTimeout(() => incoming.complete || incoming.destroy(), lingerMs).unref();
}

function urlOf({ originalUrl, url = "/", headers, socket, protocol }: NodeRequest): string {
  const path = originalUrl ?? url;
  const scheme = protocol ?? ("encrypted" in socket ? "https" : "http");
  const base = `${scheme}://${headers.host}`;
  return `${headers.host && URL.canParse(base) ? new URL(base).origin : `${scheme}://localhost`}${path.startsWith("/") ? path : "/"}`;
}

function headersOf(headers: IncomingMessage["headers"]): Headers {
  const pairs = Object.entries(headers).flatMap(([name, value]) =>
    [value ?? []].flat().map((one): [string, string] => [name, one]),
  );
  return new Headers(pairs.filter(([name]) => !name.startsWith(":")));
}

/**
 * Not Node's own conversion, which ends the connection when the reader has had enough, before the answer is out. Nothing is
 * read before somebody asks: a body nobody wants is left to Node, which throws it away.
 */
function streamOf(incoming: IncomingMessage): ReadableStream<Uint8Array> {
  let listening = false;
  let over = false;

  function listen(controller: ReadableStreamDefaultController<Uint8Array>): void {
    const end = (act: () => void) => () => {
      if (!over) act();
      over = true;
    };
    const brokeOff = end(() => controller.error(new Error("the request broke off")));
    incoming
      .on(
        "end",
        end(() => controller.close()),
      )
      .on("error", brokeOff)
      .on("close", brokeOff);
    incoming.on("data", (chunk: Buffer) => {
      if (over) return;
      controller.enqueue(new Uint8Array(chunk));
      incoming.pause();
    });
  }

  return new ReadableStream(
    {
      pull(controller) {
        if (!listening) listen(controller);
        listening = true;
        incoming.resume();
      },
      cancel() {
        over = true;
        incoming.resume();
      },
    },
    { highWaterMark: 0 },
  );
}
