import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from "node:http";
import { connect } from "node:net";

export type Answer = { status: number; headers: IncomingHttpHeaders; body: string };

/** One request with exactly these headers, which `fetch` would not let out, on a connection of its own. */
export function ask(
  url: string,
  { method = "POST", headers = {}, body = "" }: { method?: string; headers?: OutgoingHttpHeaders; body?: unknown } = {},
): Promise<Answer> {
  const bytes = body instanceof Uint8Array ? body : Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      response.once("error", reject);
      response.once("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }));
    });
    sent.once("error", reject);
    sent.end(bytes);
  });
}

/**
 * Sends text over a bare socket; resolves to what the server said once it has closed the connection, or has said `enough`.
 */
export function askRaw(url: string, text: string, { enough }: { enough?: RegExp } = {}): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    let answered = "";
    socket.setEncoding("utf8").on("data", (said: string) => {
      answered += said;
      if (enough?.test(answered)) socket.destroy();
    });
    socket.once("error", reject);
    socket.once("close", () => resolve(answered));
    socket.write(text);
  });
}
