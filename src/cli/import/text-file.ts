import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { LeadkeepError } from "../../model/errors.ts";
import { plain } from "../output.ts";
import type { Encoding } from "./choices.ts";

/** What a look through a file has told. `beginning`: of its text, up to 64 KiB. `size`: in bytes. */
export type FileLook = { encoding: Encoding; beginning: string; size: number };

const beginningBytes = 65_536;

/**
 * Reads a file through once to tell its encoding: by its byte order mark, else UTF-8 when all of it is that, else Windows-1252,
 * which Excel writes. @throws {LeadkeepError} when it cannot be read
 */
export async function lookAtFile(path: string, told: Encoding | undefined): Promise<FileLook> {
  try {
    const { size } = await stat(path);
    const first = await firstBytes(path);
    const encoding = told ?? markOf(first) ?? ((await isUtf8(path)) ? "utf-8" : "windows-1252");
    return { encoding, beginning: new TextDecoder(encoding).decode(first), size };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
    const why =
      code === "ENOENT" ? "There is no file" : code === "EISDIR" ? "This is a folder:" : `Cannot read (${code})`;
    throw new LeadkeepError("cannot_read", `${why} ${plain(path)}.`, { cause: error });
  }
}

/** The text of a file, piece by piece, without its byte order mark. `read` is told how many bytes each piece was. */
export async function* readText(
  path: string,
  encoding: Encoding,
  read: (bytes: number) => void,
): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding);
  for await (const bytes of createReadStream(path) as AsyncIterable<Buffer>) {
    yield decoder.decode(bytes, { stream: true });
    read(bytes.length);
  }
  yield decoder.decode();
}

async function firstBytes(path: string): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const bytes of createReadStream(path, { end: beginningBytes - 1 }) as AsyncIterable<Buffer>) {
    pieces.push(bytes);
  }
  return Buffer.concat(pieces);
}

function markOf(bytes: Buffer): Encoding | null {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return "utf-8";
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  return bytes[0] === 0xfe && bytes[1] === 0xff ? "utf-16be" : null;
}

async function isUtf8(path: string): Promise<boolean> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  try {
    for await (const bytes of createReadStream(path) as AsyncIterable<Buffer>) decoder.decode(bytes, { stream: true });
    decoder.decode();
    return true;
  } catch (error) {
    if (error instanceof TypeError) return false;
    throw error;
  }
}
