import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/**
 * Bounds how many connections are open at once. When there are too many, the one that has kept us waiting longest for a whole request
 * makes room, so that somebody who opens thousands and says little shuts nobody out; a request that came as a whole is answered.
 */
export function limitConnections(server: Server, most: number): void {
  /** Connections no whole request of which is being answered; whoever has waited longest comes first. */
  const waiting = new Set<Socket>();
  let open = 0;

  server.on("connection", (socket: Socket) => {
    open += 1;
    waiting.add(socket);
    socket.once("close", () => {
      open -= 1;
      waiting.delete(socket);
    });
    // Those being answered are no reason to turn anybody away at once, but there has to be an end.
    if (open > most) waiting.values().next().value?.destroy();
  });

  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    const { socket } = request;
    if (!hasBody(request)) waiting.delete(socket);
    else request.once("end", () => !response.writableFinished && waiting.delete(socket));
    response.once("finish", () => !socket.destroyed && waiting.add(socket));
  });
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
}
