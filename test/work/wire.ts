import { type AddressInfo, connect, createServer } from "node:net";
import { inOrder } from "./statements.ts";

/** A Postgres whose answers are counted on their way. */
export type Wire = {
  /** The address to connect to. */
  url: string;
  /** What the server was asked while `work` was under way. */
  during(work: () => Promise<unknown>): Promise<WireWork>;
  close(): Promise<void>;
};

/**
 * Statements by their command (a commit is one, a setting too), rows they touched, and `round trips`: how often the server said that
 * it was ready for more, which is how often a client can have waited for it.
 */
export type WireWork = Record<string, number>;

const readyForQuery = "Z";
const commandComplete = "C";

/** Lies between a client and the server at `url`, and reads what the server answers. */
export async function startWire(url: string): Promise<Wire> {
  const target = new URL(url);
  let counted: WireWork = {};
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      from.on("error", () => to.destroy());
      from.on("close", () => to.destroy());
      from.pipe(to);
    }
    // Connecting ends with the server being ready, too.
    let connected = false;
    upstream.on(
      "data",
      messages((type, body) => {
        if (type === commandComplete) countCommand(body.toString("utf8", 0, body.length - 1));
        else if (type === readyForQuery && connected) count("round trips", 1);
        connected ||= type === readyForQuery;
      }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const own = new URL(url);
  own.port = String((server.address() as AddressInfo).port);

  function count(name: string, by: number): void {
    counted[name] = (counted[name] ?? 0) + by;
  }

  /** `INSERT 0 64`, `UPDATE 3`, `SELECT 1`, `COMMIT`. */
  function countCommand(tag: string): void {
    const [name = "", ...numbers] = tag.split(" ");
    count(name, 1);
    if (name !== "SELECT") count("rows written", Number(numbers.at(-1) ?? 0));
  }

  return {
    url: own.href,
    async during(work) {
      counted = {};
      await work();
      return inOrder(counted);
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** Cuts a stream into messages: a letter, four bytes of length that count themselves, and the body. */
function messages(take: (type: string, body: Buffer) => void): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    for (;;) {
      if (rest.length < 5) return;
      const end = 1 + rest.readInt32BE(1);
      if (rest.length < end) return;
      take(String.fromCharCode(rest[0] ?? 0), rest.subarray(5, end));
      rest = rest.subarray(end);
    }
  };
}
