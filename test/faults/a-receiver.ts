import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

/** Takes every lead, and counts how often each came. */
export async function aReceiver(): Promise<{ port: number; got: ReadonlyMap<string, number> }> {
  const got = new Map<string, number>();
  const server = createServer((request, response) => {
    const id = String(request.headers["idempotency-key"]);
    got.set(id, (got.get(id) ?? 0) + 1);
    request.resume();
    request.once("end", () => response.end());
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { port: (server.address() as AddressInfo).port, got };
}
