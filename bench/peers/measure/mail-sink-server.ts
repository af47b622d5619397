/** A mail server that takes everything at once. Prints its address once it listens. `GET` at the second address tells how many came. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { SMTPServer } from "smtp-server";

let count = 0;
const mail = new SMTPServer({
  authOptional: true,
  disabledCommands: ["STARTTLS"],
  disableReverseLookup: true,
  onData(stream, _, done) {
    stream.resume();
    stream.on("end", () => {
      count += 1;
      done();
    });
  },
});
mail.on("error", () => {});
const counter = createServer((_, response) => response.end(JSON.stringify({ count })));
mail.listen(0, "127.0.0.1", () =>
  counter.listen(0, "127.0.0.1", () => {
    const port = (address: unknown): number => (address as AddressInfo).port;
    console.log(`smtp://127.0.0.1:${port(mail.server.address())} http://127.0.0.1:${port(counter.address())}`);
  }),
);
