import type { Server } from "node:http";
import { type AddressInfo, createServer, type Server as NetServer } from "node:net";

export type ListenOptions = {
  host: string;
  /** 0: any that is free. */
  port: number;
  /** Connections that wait in the system until they are accepted, all together. */
  backlog: number;
  /** Doors to the port. @default 128 where the system can spread connections over several, else 1 */
  doors?: number | undefined;
};

/** The other doors are opened this long after the first: it takes longer than all the rest of listening, and no rush comes at once. */
const othersAfterMs = 1_000;

/**
 * Has a server listen, and resolves to what closes it: to be waited for. Node accepts one connection in each turn of the event loop and
 * listening socket (https://github.com/libuv/libuv/pull/3696, read 2026-11): with one socket, newcomers would wait in the system for as many
 * turns as stand before them, which is seconds when the turns are busy, and no answer could tell them to come again. So on Linux there are
 * several on the same port, among which the system spreads newcomers.
 * @throws when the port is taken
 */
export async function listen(
  server: Server,
  { host, port, backlog, doors = process.platform === "linux" ? 128 : 1 }: ListenOptions,
): Promise<() => Promise<void>> {
  if (doors === 1) {
    await opened(server, { host, port, backlog });
    return () => closed(server);
  }
  // Sockets that share a port would share it with another gateway's as well, so look first whether it is free.
  const scout = createServer();
  await opened(scout, { host, port });
  const free = (scout.address() as AddressInfo).port;
  await closed(scout);
  const each = { host, port: free, backlog: Math.ceil(backlog / doors), reusePort: true };
  try {
    await opened(server, each);
  } catch (error) {
    // A system that cannot share a port says so in its own way.
    if (error instanceof Error && "code" in error && error.code === "EADDRINUSE") throw error;
    return listen(server, { host, port: free, backlog, doors: 1 });
  }
  let others: Promise<NetServer[]> = Promise.resolve([]);
  const timer = setTimeout(() => {
    others = openOthers(server, doors - 1, each);
  }, othersAfterMs).unref();
  return async () => {
    clearTimeout(timer);
    const first = closed(server);
    await Promise.all([first, ...(await others).map(closed)]);
  };
}

/** As many as the system gives: where descriptors are few, fewer doors do as well. */
async function openOthers(server: Server, count: number, each: Listening): Promise<NetServer[]> {
  const others = Array.from({ length: count }, () =>
    createServer({ allowHalfOpen: true, noDelay: true }, (socket) => server.emit("connection", socket)),
  );
  await Promise.allSettled(others.map((one) => opened(one, each)));
  return others.filter(({ listening }) => listening);
}

type Listening = { host: string; port: number; backlog?: number; reusePort?: boolean };

function opened(server: NetServer, options: Listening): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject).listen(options, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

function closed(server: NetServer): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
