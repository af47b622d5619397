import type { Json, JsonObject } from "../model/json.ts";
import type { MediaType } from "./media-type.ts";
import { parseMultipart } from "./multipart.ts";
import { type Refusal, refused } from "./refusal.ts";
import { parseUrlencoded } from "./urlencoded.ts";

/** A field as sent: its name and value, not yet sanitised. A name may come more than once. */
export type Pair = readonly [name: string, value: Json];

/** The fields of a body in the order they came, or why it cannot be read. */
type ParsedBody = { type: "pairs"; pairs: readonly Pair[] } | Refusal;

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** Reads a body by its media type. `contentType` is the header itself, which names a multipart body's boundary. */
export async function parseBody(bytes: Uint8Array, media: MediaType, contentType: string): Promise<ParsedBody> {
  if (media.type === "json") return parseJson(bytes);
  if (media.type === "urlencoded") return { type: "pairs", pairs: parseUrlencoded(bytes, media.charset).map(asList) };
  if (media.type === "multipart") {
    const pairs = await parseMultipart(bytes, contentType);
    return pairs
      ? { type: "pairs", pairs: pairs.map(asList) }
      : refused("malformed", "The multipart body is malformed.");
  }
  if (media.type === "absent" && bytes.length === 0) return { type: "pairs", pairs: [] };
  return unsupportedType;
}

/** What bodies of another type are answered. */
export const unsupportedType = refused(
  "unsupported_type",
  "Send application/json in UTF-8, application/x-www-form-urlencoded or multipart/form-data, uncompressed.",
);

function parseJson(bytes: Uint8Array): ParsedBody {
  let value: Json;
  try {
    const text = utf8.decode(bytes);
    value = mayHoldLargeNumber.test(text) ? JSON.parse(text, asTyped) : JSON.parse(text);
  } catch {
    return refused("malformed", "The body is not valid JSON in UTF-8.");
  }
  if (!isObject(value)) return refused("malformed", "The body must be a JSON object of fields.");
  return { type: "pairs", pairs: Object.entries(value) };
}

const mayHoldLargeNumber = /\d{16}|[eE]\+?\d{2}/;

/** A number too large for JavaScript's would come out as another one, or as none: it is kept as the text it was sent as. */
function asTyped(_: string, value: Json, { source }: { source?: string } = {}): Json {
  if (typeof value !== "number" || source === undefined) return value;
  const isOther = !Number.isFinite(value) || (/^-?\d+$/.test(source) && BigInt(source) !== BigInt(value));
  return isOther ? source : value;
}

function isObject(value: Json): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `name[]` is the widespread way to say that a field is a list, also when one value came. */
function asList(pair: Pair): Pair {
  const [name, value] = pair;
  return name.endsWith("[]") ? [name.slice(0, -2), [value]] : pair;
}
