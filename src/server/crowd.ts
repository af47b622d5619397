import type { Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/**
 * Bounds how many connections are open at once. When there are too many, the one that has kept us waiting longest for a whole request
 * makes room, so that somebody who opens thousands and says little shuts nobody out; a request that came as a whole is answered.
 */
export function limitConnections(server: Server, most: number): void {
  /** Open connections with the answer to the latest request of each, whoever has said nothing for longest first. */
  const open = new Map<Socket, ServerResponse | null>();

  server.on("connection", (socket: Socket) => {
    open.set(socket, null);
    socket.once("close", () => open.delete(socket));
    if (open.size > most) makeRoom();
  });

  server.on("request", ({ socket }, response: ServerResponse) => {
    open.delete(socket);
    if (!socket.destroyed) open.set(socket, response);
  });

  /** Only now is it looked at who is being answered: for each request that would cost more than the rest of this. */
  function makeRoom(): void {
    let looks = open.size;
    for (const [socket, response] of open) {
      if (!response || !isOurTurn(response)) {
        // Not only once it has closed: more may come in the same turn.
        open.delete(socket);
        socket.destroy();
        return;
      }
      // Looked at last next time. Those being answered are no reason to turn anybody away at once, but there has to be an end.
      open.delete(socket);
      open.set(socket, response);
      looks -= 1;
      if (looks === 0) return;
    }
  }
}

/** True from when a request is there as a whole until its answer has been handed over. */
function isOurTurn(response: ServerResponse): boolean {
  return response.req.complete && !response.writableFinished;
}
