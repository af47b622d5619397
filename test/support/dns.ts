import { createSocket, type RemoteInfo } from "node:dgram";
import { once } from "node:events";
import { onTestFinished } from "vitest";

const nameError = 3;
const textType = 16;

/**
 * A DNS server on a free port that knows these TXT records and no other name; an answer of `"silence"` is none at all. Resolves
 * to its `address:port`. It ends with the test.
 */
export async function aDnsServer(records: Record<string, readonly string[] | "silence">): Promise<string> {
  const socket = createSocket("udp4");
  socket.on("message", (query, sender) => answer(query, sender));
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  onTestFinished(() => void socket.close());
  return `127.0.0.1:${socket.address().port}`;

  function answer(query: Buffer, { port, address }: RemoteInfo): void {
    const { name, end } = questionIn(query);
    const texts = records[name.toLowerCase()];
    if (texts === "silence") return;
    const header = Buffer.from(query.subarray(0, 12));
    // A response, recursion available; NXDOMAIN when the name is not known.
    header.writeUInt16BE(0x8180 | (texts ? 0 : nameError), 2);
    header.writeUInt16BE(texts?.length ?? 0, 6);
    header.writeUInt32BE(0, 8);
    socket.send(Buffer.concat([header, query.subarray(12, end), ...(texts ?? []).map(textRecord)]), port, address);
  }
}

/** The name asked for, and where the question ends (RFC 1035 §4.1.2). */
function questionIn(query: Buffer): { name: string; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString("latin1", at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join("."), end: at + 5 };
}

/** A TXT record of the name asked for, in pieces of at most 255 bytes (RFC 1035 §3.3.14). */
function textRecord(text: string): Buffer {
  const bytes = Buffer.from(text);
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += 255) {
    const piece = bytes.subarray(at, at + 255);
    pieces.push(Buffer.from([piece.length]), piece);
  }
  const data = Buffer.concat(pieces);
  const head = Buffer.alloc(12);
  head.writeUInt16BE(0xc00c, 0);
  head.writeUInt16BE(textType, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt32BE(60, 6);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}
