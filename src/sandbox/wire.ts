import type { IncomingMessage, ServerResponse } from "node:http";
import type { HttpAnswer, Wire } from "./fault.ts";
import type { VendorRequest } from "./vendor.ts";

/** More than any vendor takes. What is longer is read, counted and let go, so that the client gets its answer. */
const longestBodyKept = 16 * 1024 * 1024;

/** Reads a request to its end. Rejects when the client gives up on the way. */
export async function readRequest(request: IncomingMessage): Promise<VendorRequest> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= longestBodyKept) chunks.push(chunk);
  }
  const body = Buffer.concat(chunks).toString("utf8");
  const path = request.url ?? "/";
  return {
    method: request.method ?? "GET",
    path,
    query: new URLSearchParams(path.split("?").slice(1).join("?")),
    headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)])),
    body,
    json: parsed(body),
    bytes,
  };
}

/** Carries out what goes over the wire. Whatever it started ends with the connection. */
export function send(wire: Wire, response: ServerResponse): void {
  switch (wire.type) {
    case "answer":
      later(wire.delayMs, response, () => write(wire.answer, response));
      break;
    case "hang":
      break;
    case "reset":
      response.socket?.resetAndDestroy();
      break;
    case "drip":
      drip(wire.intervalMs, response);
      break;
    case "endless":
      pour(response);
  }
}

/** Writes a whole answer. */
export function write({ status, headers, body }: HttpAnswer, response: ServerResponse): void {
  response.writeHead(status, headers).end(body);
}

function later(ms: number, response: ServerResponse, act: () => void): void {
  if (ms === 0) {
    act();
    return;
  }
  const timer = setTimeout(act, ms);
  response.once("close", () => clearTimeout(timer));
}

function drip(intervalMs: number, response: ServerResponse): void {
  response.writeHead(200, { "content-type": "text/plain" });
  response.flushHeaders();
  const timer = setInterval(() => response.write("."), intervalMs);
  response.once("close", () => clearInterval(timer));
}

/** Writes as fast as the client reads, never more than the connection's buffer ahead. */
function pour(response: ServerResponse): void {
  const chunk = Buffer.alloc(64 * 1024, ".");
  const fill = () => {
    while (!response.destroyed && response.write(chunk));
  };
  response.writeHead(200, { "content-type": "text/plain" });
  response.on("drain", fill);
  fill();
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
