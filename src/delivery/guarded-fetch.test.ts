import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { NetworkError } from "../model/network-error.ts";
import { createGuardedNetwork, type GuardedNetwork } from "./guarded-fetch.ts";

const open: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

function aNetwork(allowPrivateNetwork = true): GuardedNetwork {
  const network = createGuardedNetwork({ allowPrivateNetwork });
  open.push(network.close);
  return network;
}

async function aServer(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  open.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function failure(promise: Promise<unknown>): Promise<NetworkError> {
  const error = await promise.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(NetworkError);
  return error as NetworkError;
}

const ignore = () => {};

test("method, headers and body arrive as given, and the answer comes back", async () => {
  const url = await aServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => {
      response.setHeader("x-echo", `${request.method} ${request.url} ${request.headers["x-key"]}`);
      response.end(body);
    });
  });
  let sent = 0;
  const response = await aNetwork().fetch(
    `${url}/a?b=c`,
    { method: "PUT", headers: { "x-key": "1" }, body: "ü" },
    () => {
      sent += 1;
    },
  );
  expect([response.status, response.headers.get("x-echo"), await response.text(), sent]).toEqual([
    200,
    "PUT /a?b=c 1",
    "ü",
    1,
  ]);
});

test("a body is read up to 64 KiB and no further", async () => {
  const url = await aServer((_, response) => void response.end("x".repeat(1_000_000)));
  const response = await aNetwork().fetch(url, undefined, ignore);
  expect((await response.text()).length).toBe(64 * 1024);
});

test("a redirect is answered as it is and not followed", async () => {
  let requests = 0;
  const url = await aServer((_, response) => {
    requests += 1;
    response.writeHead(302, { location: "/elsewhere" }).end();
  });
  const response = await aNetwork().fetch(url, undefined, ignore);
  expect([response.status, requests]).toEqual([302, 1]);
});

test("no connection is a failure before anything was sent", async () => {
  const error = await failure(aNetwork().fetch("http://127.0.0.1:9/", undefined, ignore));
  expect([error.code, error.sent]).toEqual(["econnrefused", false]);
});

test("a name that does not exist is a failure before anything was sent", async () => {
  const error = await failure(aNetwork(false).fetch("http://nowhere.invalid/", undefined, ignore));
  expect(error.sent).toBe(false);
});

test("a reset after the request was written may have arrived", async () => {
  const url = await aServer((request) => void request.socket.resetAndDestroy());
  expect((await failure(aNetwork().fetch(url, undefined, ignore))).sent).toBe(true);
});

test("a signal ends the wait for an answer", async () => {
  const url = await aServer(() => {});
  const controller = new AbortController();
  const promise = failure(aNetwork().fetch(url, { signal: controller.signal }, () => controller.abort()));
  const error = await promise;
  expect([error.code, error.sent]).toEqual(["timed_out", true]);
});

test("a signal that is aborted already sends nothing", async () => {
  let requests = 0;
  const url = await aServer((_, response) => {
    requests += 1;
    response.end();
  });
  const error = await failure(aNetwork().fetch(url, { signal: AbortSignal.abort() }, ignore));
  expect([error.sent, requests]).toEqual([false, 0]);
});

test("once a status has come, a broken body only cuts it short", async () => {
  const url = await aServer((_, response) => {
    response.writeHead(201, { "content-length": "100" });
    response.write("half", () => response.destroy());
  });
  const response = await aNetwork().fetch(url, undefined, ignore);
  expect([response.status, await response.text()]).toEqual([201, "half"]);
});

test.each([
  "http://127.0.0.1/",
  "http://[::1]/",
  "http://10.1.2.3/",
  "http://172.16.0.1/",
  "http://192.168.1.1/",
  "http://169.254.169.254/latest/meta-data/",
  "http://100.64.0.1/",
  "http://0.0.0.0/",
  "http://[::ffff:127.0.0.1]/",
  "http://[64:ff9b::7f00:1]/",
  "http://[fd00::1]/",
  "http://[fe80::1]/",
  "http://2130706433/",
  "http://0x7f.1/",
  "http://localhost/",
])("%s is refused while private networks are not allowed", async (url) => {
  const error = await failure(aNetwork(false).fetch(url, undefined, ignore));
  expect([error.code, error.sent]).toEqual(["private_address", false]);
});
