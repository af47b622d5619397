import type { IncomingMessage } from "node:http";
import type { BodyRead } from "../intake/intake-request.ts";
import type { BodyRoom, Guest } from "./body-room.ts";

/** Once refused, this much more is read and thrown away, so that the sender gets to see the answer. */
const patienceBytes = 4 * 1024 * 1024;

export type BodyLimits = {
  limitBytes: number;
  timeoutMs: number;
  /** What all bodies share; one that has to make room counts as too slow. */
  room: BodyRoom;
};

/** Reads a request's body, up to `limitBytes` and within `timeoutMs`. What comes after a refusal is discarded, within bounds. */
export function readNodeBody(request: IncomingMessage, { limitBytes, timeoutMs, room }: BodyLimits): Promise<BodyRead> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    let answered = false;
    const guest: Guest = { giveUp: () => answer({ type: "timed_out" }) };
    const timer = setTimeout(guest.giveUp, timeoutMs);

    function answer(result: BodyRead): void {
      if (answered) return;
      answered = true;
      clearTimeout(timer);
      room.leave(guest);
      if (result.type !== "bytes") chunks.length = 0;
      resolve(result);
    }

    request.on("data", (chunk: Buffer) => {
      length += chunk.length;
      if (length > limitBytes) {
        answer({ type: "too_large" });
        if (length > limitBytes + patienceBytes) request.destroy();
      } else if (!answered) {
        chunks.push(chunk);
        room.grow(guest, chunk.length);
      }
    });
    request.on("end", () =>
      answer({ type: "bytes", bytes: chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks) }),
    );
    request.on("error", () => answer({ type: "aborted" }));
    request.on("close", () => answer({ type: "aborted" }));
  });
}
