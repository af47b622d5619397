/**
 * A receiver that takes everything: `node sink.ts <file>`. Prints its address once it listens; writes the id of each lead to the file as often
 * as it comes; `GET` answers how many came.
 */
import { createWriteStream } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const ids = createWriteStream(process.argv[2] ?? "");
let received = 0;
const server = createServer((request, response) => {
  if (request.method === "GET") {
    response.end(String(received));
    return;
  }
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.once("end", () => {
    received += 1;
    ids.write(`${/"lead_id":"(lead_[^"]+)"/.exec(Buffer.concat(chunks).toString("latin1"))?.[1]}\n`);
    response.writeHead(200, { "content-length": 0 }).end();
  });
});
server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`));
process.once("SIGTERM", () => ids.end(() => process.exit(0)));
