import type { AddressInfo } from "node:net";
import { connect, createServer, type Socket } from "node:net";

export type TcpProxy = {
  port: number;
  /** From now on nothing comes through, on open connections nor new ones, and nobody is told. */
  freeze(): void;
  /** New connections work again; those that were frozen stay as they are. */
  thaw(): void;
  /** Ends all connections at once. */
  cut(): void;
  /** When what a client sends holds this text, it is passed on, and then the connection ends before any answer. */
  cutAfter(text: string): void;
  close(): Promise<void>;
};

/** Lies between a client and the server at this port of this machine, and breaks what it is told to. */
export async function startProxy(target: number): Promise<TcpProxy> {
  const open = new Set<Socket>();
  let frozen = false;
  let trap: string | null = null;

  const server = createServer((client) => {
    const upstream = connect(target, "127.0.0.1");
    let stuck = frozen;
    let deaf = false;
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      open.add(from);
      from.on("error", () => {});
      from.on("close", () => {
        open.delete(from);
        if (!stuck) to.destroy();
      });
      from.on("data", (data) => {
        stuck ||= frozen;
        if (stuck || (deaf && from === upstream)) return;
        to.write(data);
        if (from === client && trap !== null && data.includes(trap)) {
          trap = null;
          deaf = true;
          // What was passed on has its effect, and nobody hears of it.
          setTimeout(() => client.destroy(), 100);
        }
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    freeze: () => {
      frozen = true;
    },
    thaw: () => {
      frozen = false;
    },
    cut: () => {
      for (const socket of open) socket.destroy();
    },
    cutAfter: (text) => {
      trap = text;
    },
    close: () => {
      for (const socket of open) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
