import type { IncomingMessage } from "node:http";
import { mediaTypeOf } from "../../intake/media-type.ts";
import { LeadkeepError } from "../../model/errors.ts";

/** What parsers leave at a request they have read: `body` (Express, Next), `rawBody` where somebody kept it, files (multer). */
export type Parsed = Pick<IncomingMessage, "headers" | "readableDidRead"> & {
  body?: unknown;
  rawBody?: unknown;
  file?: unknown;
  files?: unknown;
};

/** A body as `fetch` takes it; `type`: its content type, null when that follows from the body. */
export type RebuiltBody = { body: Uint8Array<ArrayBuffer> | string | FormData; type: string | null };

/**
 * The body of a request that somebody has read already: as it came, or written anew from what the parser made of it. What a
 * parser has not kept is lost: the order of fields of different names, and files other than multer's in memory.
 * @throws {LeadkeepError} when nothing was kept
 */
export function parsedBody(request: Parsed): RebuiltBody {
  const { headers, body, rawBody, readableDidRead } = request;
  const header = headers["content-type"] ?? null;
  const asItCame = [rawBody, body].find((one) => typeof one === "string" || one instanceof Uint8Array);
  if (typeof asItCame === "string") return { body: asItCame, type: header };
  if (asItCame instanceof Uint8Array) return { body: new Uint8Array(asItCame), type: header };
  if (!readableDidRead) return { body: "", type: header };
  if (typeof body !== "object" || body === null) throw nothingKept;
  const { type } = mediaTypeOf(header);
  if (type === "json") return { body: JSON.stringify(body), type: "application/json" };
  const pairs = pairsOf(Object.entries(body));
  if (type === "multipart") return { body: formOf(pairs, request), type: null };
  return { body: `${new URLSearchParams(pairs)}`, type: "application/x-www-form-urlencoded" };
}

const nothingKept = new LeadkeepError(
  "body_gone",
  "Something in front of Leadkeep has read the request and kept nothing of it. Mount Leadkeep before it, or let it keep req.rawBody.",
);

/** Lists become repeated fields, and objects (`person[name]`, of extended parsers) the names they were read from. */
function pairsOf(fields: readonly [string, unknown][]): [string, string][] {
  return fields.flatMap(([name, value]): [string, string][] => {
    if (Array.isArray(value)) return pairsOf(value.map((one) => [name, one]));
    if (typeof value === "object" && value !== null) {
      return pairsOf(Object.entries(value).map(([inner, one]) => [`${name}[${inner}]`, one]));
    }
    return value === undefined || value === null ? [] : [[name, String(value)]];
  });
}

function formOf(pairs: readonly [string, string][], { file, files }: Parsed): FormData {
  const form = new FormData();
  for (const [name, value] of pairs) form.append(name, value);
  const kept = [file ?? [], typeof files === "object" && files !== null ? Object.values(files) : []].flat(2);
  for (const one of kept.filter(isInMemory)) {
    const bytes = new Uint8Array(one.buffer);
    form.append(one.fieldname, new File([bytes], one.originalname ?? "", { type: one.mimetype ?? "" }));
  }
  return form;
}

/** A file as multer's memory storage keeps it. */
type FileInMemory = { fieldname: string; originalname?: string; mimetype?: string; buffer: Uint8Array };

function isInMemory(file: unknown): file is FileInMemory {
  return typeof file === "object" && file !== null && "buffer" in file && file.buffer instanceof Uint8Array;
}
