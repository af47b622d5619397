import { Agent, buildConnector, type Dispatcher } from "undici";
import type { FetchInit } from "../model/destination.ts";
import { NetworkError } from "../model/network-error.ts";
import { lazyResponse } from "./lazy-response.ts";
import { createNetworkGuard, type Lookup } from "./network-guard.ts";

/** Response bodies are read up to here unless a request says otherwise; what follows is not. */
const usualLongestBody = 64 * 1024;
const connectTimeoutMs = 5_000;

/** A request, and whether it has left: called when its first byte is about to be written. */
export type GuardedFetch = (url: string | URL, init: FetchInit | undefined, sent: () => void) => Promise<Response>;

export type GuardedNetwork = { fetch: GuardedFetch; close(): Promise<void> };

export type GuardedNetworkOptions = {
  /** Lets destinations be on loopback or private addresses, and on any port. @default false */
  allowPrivateNetwork?: boolean;
  /** Names, addresses and ranges (`10.1.2.0/24`) they may be at although private. @default none */
  allowHosts?: readonly string[];
  /** @default dns.lookup */
  lookup?: Lookup;
};

/**
 * The network as destinations get it: http and https only, addresses checked when connecting (so a name cannot be rebound in
 * between), redirects not followed, bodies cut at 64 KiB (or a request's `longestBody`). Once a status has come, trouble with the body only cuts it
 * short: the status stands. Rejects with `NetworkError`, whose `sent` tells whether the request may have arrived.
 */
export function createGuardedNetwork(options: GuardedNetworkOptions = {}): GuardedNetwork {
  const agent = new Agent({
    connect: guardedConnector(options),
    allowH2: false,
    pipelining: 1,
    // The attempt's own time-out rules.
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: 4_000,
  });
  const fetch: GuardedFetch = (url, init, sent) =>
    new Promise((resolve, reject) => {
      const target = typeof url === "string" ? new URL(url) : url;
      const signal = init?.signal ?? null;
      const answer = new Answer(resolve, reject, sent, init?.longestBody ?? usualLongestBody);
      if (target.protocol !== "http:" && target.protocol !== "https:") return reject(wrongScheme());
      if (signal?.aborted) return answer.abort();
      signal?.addEventListener("abort", () => answer.abort(), { once: true });
      agent.dispatch(
        {
          origin: target.origin,
          path: target.pathname + target.search,
          method: (init?.method ?? "GET") as Dispatcher.HttpMethod,
          headers: headersOf(init),
          body: bodyOf(init?.body),
        },
        answer,
      );
    });
  return { fetch, close: () => agent.destroy() };
}

/** Gathers one response and settles its promise once. */
class Answer implements Dispatcher.DispatchHandler {
  readonly #resolve: (response: Response) => void;
  readonly #reject: (error: NetworkError) => void;
  readonly #onSent: () => void;
  readonly #longestBody: number;
  #controller: Dispatcher.DispatchController | null = null;
  #sent = false;
  #aborted = false;
  #done = false;
  #status = 0;
  #headers: [string, string][] = [];
  #chunks: Buffer[] = [];
  #length = 0;

  constructor(
    resolve: (response: Response) => void,
    reject: (error: NetworkError) => void,
    onSent: () => void,
    longestBody: number,
  ) {
    this.#resolve = resolve;
    this.#reject = reject;
    this.#onSent = onSent;
    this.#longestBody = longestBody;
  }

  /** Gives up waiting. With a status in hand the response is what has come so far. */
  abort(): void {
    this.#aborted = true;
    if (this.#status > 0) this.#finish();
    else this.#fail(new NetworkError("timed_out", "no answer in time", this.#sent));
    this.#controller?.abort(new Error("aborted"));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#aborted) {
      controller.abort(new Error("aborted"));
      return;
    }
    this.#controller = controller;
    this.#sent = true;
    this.#onSent();
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    if (status < 200) return;
    this.#status = status;
    this.#headers = Object.entries(headers).flatMap(([name, value]) =>
      (Array.isArray(value) ? value : [value ?? ""]).map((one): [string, string] => [name, one]),
    );
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    if (this.#length <= this.#longestBody) return;
    this.#finish();
    controller.abort(new Error("body too long"));
  }

  onResponseEnd(): void {
    this.#finish();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#status > 0) this.#finish();
    else this.#fail(networkErrorOf(error, this.#sent));
  }

  #finish(): void {
    if (this.#done) return;
    this.#done = true;
    const bodiless = this.#status === 204 || this.#status === 205 || this.#status === 304;
    const body = bodiless ? null : Buffer.concat(this.#chunks).subarray(0, this.#longestBody);
    this.#resolve(lazyResponse({ status: this.#status, headers: this.#headers, body }));
  }

  #fail(error: NetworkError): void {
    if (this.#done) return;
    this.#done = true;
    this.#reject(error);
  }
}

const messages: Record<string, string> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "connection reset",
  ENOTFOUND: "host name not found",
  EAI_AGAIN: "host name could not be looked up",
  EHOSTUNREACH: "host unreachable",
  ENETUNREACH: "network unreachable",
  ETIMEDOUT: "connection timed out",
  EPIPE: "connection closed",
  UND_ERR_CONNECT_TIMEOUT: "connection timed out",
  UND_ERR_SOCKET: "connection closed",
};

function networkErrorOf(error: Error, sent: boolean): NetworkError {
  if (error instanceof NetworkError) return error;
  const code = "code" in error && typeof error.code === "string" ? error.code : "network";
  const tls = code.startsWith("ERR_TLS") || code.includes("CERT") || code.startsWith("ERR_SSL");
  const message = messages[code] ?? (tls ? "the TLS certificate was not accepted" : "the connection failed");
  return new NetworkError(code.toLowerCase(), message, sent, { cause: error });
}

function headersOf(init: RequestInit | undefined): Record<string, string> {
  if (!init?.headers) return {};
  const { headers } = init;
  if (headers instanceof Headers || Array.isArray(headers)) return Object.fromEntries(headers);
  return headers as Record<string, string>;
}

function bodyOf(body: RequestInit["body"]): string | Uint8Array | null {
  if (body === undefined || body === null) return null;
  if (typeof body === "string") return body;
  if (body instanceof URLSearchParams) return body.toString();
  if (body instanceof Uint8Array) return body;
  throw new TypeError("A destination's request body is text, bytes or URLSearchParams.");
}

function guardedConnector({
  allowPrivateNetwork = false,
  allowHosts = [],
  lookup,
}: GuardedNetworkOptions): buildConnector.connector {
  const options = { timeout: connectTimeoutMs, allowH2: false };
  if (allowPrivateNetwork) return buildConnector(options);
  const guard = createNetworkGuard(allowHosts, lookup);
  const connect = buildConnector({ ...options, lookup: guard.lookup } as buildConnector.BuildOptions);
  return (target, callback) => {
    const refused = guard.refuse(target.hostname, target.port);
    if (refused) callback(refused, null);
    else connect(target, callback);
  };
}

function wrongScheme(): NetworkError {
  return new NetworkError("wrong_scheme", "the address is neither http nor https", false);
}
