import { TextDecoder } from "node:util";
import type { Pair } from "./parse-body.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const windows1252 = new TextDecoder("windows-1252");

/**
 * Reads an urlencoded body. Text that is not valid UTF-8 is read as windows-1252, which old pages send, so that the
 * person's words stay legible. A `charset` the platform does not know is treated as if none was given.
 */
export function parseUrlencoded(bytes: Uint8Array, charset: string | null): Pair[] {
  const decode = componentDecoder(charset);
  // One character per byte: the separators are ASCII, and bytes beyond it survive until `decode`.
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  const pairs: Pair[] = [];
  for (const part of text.split("&")) {
    if (part === "") continue;
    const equals = part.indexOf("=");
    const name = decode(equals < 0 ? part : part.slice(0, equals));
    pairs.push([name, equals < 0 ? "" : decode(part.slice(equals + 1))]);
  }
  return pairs;
}

function componentDecoder(charset: string | null): (component: string) => string {
  const decoder = decoderFor(charset);
  if (decoder) return (component) => decoder.decode(percentDecoded(component));
  return (component) => {
    if (isPlain(component)) return component;
    const encoded = percentDecoded(component);
    try {
      return utf8.decode(encoded);
    } catch {
      return windows1252.decode(encoded);
    }
  };
}

/** Null when the text is UTF-8, as it nearly always is. */
function decoderFor(charset: string | null): TextDecoder | null {
  if (charset === null || charset === "utf-8" || charset === "utf8") return null;
  try {
    return new TextDecoder(charset, { ignoreBOM: true });
  } catch {
    return null;
  }
}

const needsDecoding = /[^\x20-\x24\x26-\x2a\x2c-\x7e]/;

/** True for ASCII without `%` and `+`. */
function isPlain(component: string): boolean {
  return !needsDecoding.test(component);
}

/** The bytes a component stands for. A `%` that begins no escape stands for itself. */
function percentDecoded(component: string): Uint8Array {
  const encoded = Buffer.from(component, "latin1");
  let length = 0;
  for (let index = 0; index < encoded.length; index++) {
    const byte = encoded[index] ?? 0;
    const escaped = byte === 0x25 ? hexPair(encoded[index + 1], encoded[index + 2]) : -1;
    if (escaped >= 0) index += 2;
    encoded[length++] = escaped >= 0 ? escaped : byte === 0x2b ? 0x20 : byte;
  }
  return encoded.subarray(0, length);
}

function hexPair(high: number | undefined, low: number | undefined): number {
  const [first, second] = [hexDigit(high), hexDigit(low)];
  return first < 0 || second < 0 ? -1 : first * 16 + second;
}

function hexDigit(byte = 0): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
