import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { createGuardedNetwork } from "../../src/delivery/guarded-fetch.ts";
import { until } from "../support/until.ts";

test("an endless answer is read up to 64 KiB, and its connection closed", async () => {
  let closed = false;
  const server = createServer((_, response) => {
    const more = setInterval(() => response.write("x".repeat(16_384)), 1);
    response.once("close", () => {
      clearInterval(more);
      closed = true;
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const network = createGuardedNetwork({ allowPrivateNetwork: true });
  onTestFinished(async () => {
    await network.close();
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const response = await network.fetch(url, undefined, () => {});
  expect(await response.text()).toHaveLength(64 * 1024);
  await until(() => closed);
});
