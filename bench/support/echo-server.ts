/**
 * The baseline of the accept rows: bare `node:http` that reads a body with what Node has for it and sends it back. Nothing is kept.
 * JSON and urlencoded bodies are parsed; of multipart ones Node knows nothing, so they are only read.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    const body = echoOf(request.headers["content-type"] ?? "", Buffer.concat(chunks));
    response.writeHead(202, { "content-type": "application/json", "content-length": Buffer.byteLength(body) });
    response.end(body);
  });
});
server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));

function echoOf(type: string, body: Buffer): string | Buffer {
  if (type.startsWith("multipart/")) return body;
  const text = body.toString();
  if (type === "application/json") return JSON.stringify(JSON.parse(text));
  return JSON.stringify(Object.fromEntries(new URLSearchParams(text)));
}
