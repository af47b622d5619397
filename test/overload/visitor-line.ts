import { connect, type Socket } from "node:net";

export type Answer = { status: number; head: string; body: string };

/** One connection to the gateway, speaking just enough HTTP to cost the machine little. */
export type VisitorLine = {
  /** Sends a whole request. Only one at a time. Rejects with the code of what broke the connection. */
  ask(request: string): Promise<Answer>;
  /** When it was last used, by `performance.now()`. */
  usedAt(): number;
  isOpen(): boolean;
  close(): void;
};

/** Begins to connect; the first request waits for that. `gone` is called once it is closed, by whomever. */
export function openLine(url: URL, waitMs: number, gone: () => void): VisitorLine {
  const socket: Socket = connect({ port: Number(url.port), host: url.hostname, noDelay: true });
  let received = "";
  let open = true;
  let usedAt = performance.now();
  let waiting: { resolve(answer: Answer): void; reject(code: string): void } | null = null;
  let failure = "closed without an answer";

  socket.setEncoding("latin1");
  socket.setTimeout(waitMs, () => {
    failure = "no answer in time";
    socket.destroy();
  });
  socket.on("data", (text: string) => {
    received += text;
    const answer = waiting && answerIn(received);
    if (!answer) return;
    const { resolve } = waiting as NonNullable<typeof waiting>;
    waiting = null;
    received = "";
    usedAt = performance.now();
    if (/^connection: close/im.test(answer.head)) end();
    resolve(answer);
  });
  socket.on("error", (error: NodeJS.ErrnoException) => {
    failure = error.code ?? error.message;
  });
  socket.once("end", () => {
    open = false;
  });
  socket.once("close", () => {
    open = false;
    waiting?.reject(failure);
    waiting = null;
    gone();
  });

  function end(): void {
    open = false;
    socket.end();
  }

  return {
    ask: (request) =>
      new Promise((resolve, reject) => {
        waiting = { resolve, reject };
        usedAt = performance.now();
        socket.write(request, "latin1");
      }),
    usedAt: () => usedAt,
    isOpen: () => open,
    close: end,
  };
}

/** The whole answer at the beginning of what was received; null while it is not all there. */
function answerIn(received: string): Answer | null {
  const end = received.indexOf("\r\n\r\n");
  if (end < 0) return null;
  const head = received.slice(0, end);
  const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
  const body = received.slice(end + 4);
  return body.length < length ? null : { status: Number(head.slice(9, 12)), head, body };
}
