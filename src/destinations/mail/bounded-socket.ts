import { connect, type Socket } from "node:net";

/** Most a mail server says in answer to what it was told last: the longest honest answer is a few lines (RFC 5321 §4.5.3.1.5). */
const longestAnswer = 64 * 1024;

/**
 * Connects to a mail server in the clear, as nodemailer takes connections over: paused. A server, or whoever answers in its place, that
 * goes on and on is cut off; nodemailer would keep each of its empty lines to look at later, however many there are. Errors are as
 * nodemailer's: `originalCode` is the system's.
 */
export function connectBounded({
  host,
  port,
  timeoutMs,
}: {
  host: string;
  port: number;
  timeoutMs: number;
}): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    socket.setTimeout(timeoutMs, () => socket.destroy(errorOf("ETIMEDOUT", "no connection in time")));
    socket.once("error", refuse);
    socket.once("connect", () => {
      socket.setTimeout(0);
      socket.off("error", refuse).pause();
      bound(socket);
      resolve(socket);
    });

    function refuse(error: NodeJS.ErrnoException): void {
      reject(errorOf(error.code ?? "ECONNECTION", error.message));
    }
  });
}

function bound(socket: Socket): void {
  let told = 0;
  let answered = 0;
  socket.on("data", (chunk: Buffer) => {
    if (socket.bytesWritten !== told) answered = 0;
    told = socket.bytesWritten;
    answered += chunk.length;
    if (answered > longestAnswer) socket.destroy(errorOf("ECONNRESET", "the answer has no end"));
  });
}

const codes: Readonly<Record<string, string>> = { ENOTFOUND: "EDNS", EAI_AGAIN: "EDNS", ETIMEDOUT: "ETIMEDOUT" };

function errorOf(originalCode: string, message: string): Error {
  return Object.assign(new Error(message), { code: codes[originalCode] ?? "ECONNECTION", originalCode });
}
