import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { expect, test } from "vitest";
import { listen } from "./listen.ts";

test("through several doors everybody is answered, and closing closes all of them", async () => {
  const server = createServer((_, response) => response.writeHead(200, { connection: "close" }).end("here"));
  const stop = await listen(server, { host: "127.0.0.1", port: 0, backlog: 511, doors: 8 });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const ask = () => Promise.all(Array.from({ length: 40 }, async () => (await fetch(url)).text()));
  const everybody = Array(40).fill("here");
  expect(await ask()).toEqual(everybody);
  // By then the others are open.
  await wait(1_300);
  expect(await ask()).toEqual(everybody);
  await stop();
  await expect(fetch(url)).rejects.toThrow("fetch failed");
});

test("a port that is taken is not shared", async () => {
  const first = createServer();
  const stop = await listen(first, { host: "127.0.0.1", port: 0, backlog: 511, doors: 4 });
  const { port } = first.address() as AddressInfo;
  await expect(listen(createServer(), { host: "127.0.0.1", port, backlog: 511, doors: 4 })).rejects.toThrow(
    "EADDRINUSE",
  );
  await stop();
});
