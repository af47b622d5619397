/** A local destination that takes everything. `GET /count` tells how many POSTs came, and when the first and last did. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

let count = 0;
let first = 0;
let last = 0;
const server = createServer((request, response) => {
  if (request.method === "GET") {
    response.end(JSON.stringify({ count, first, last }));
    return;
  }
  if (request.method === "DELETE") {
    count = 0;
    response.end();
    return;
  }
  request.resume();
  request.on("end", () => {
    last = performance.now();
    if (count === 0) first = last;
    count += 1;
    response.writeHead(200, { "content-type": "application/json", "content-length": 11 });
    response.end('{"ok":true}');
  });
});
server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
