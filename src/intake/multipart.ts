import type { Json } from "../model/json.ts";
import type { Pair } from "./parse-body.ts";

/**
 * Reads a multipart body; null when it is malformed. A file becomes `{ filename, type, size, base64 }`, so that nothing
 * sent is lost; a file input left empty is dropped.
 */
export async function parseMultipart(bytes: Uint8Array, contentType: string): Promise<Pair[] | null> {
  const form = await readForm(bytes, contentType);
  if (!form) return null;
  const pairs: Pair[] = [];
  for (const [name, value] of form) {
    if (typeof value === "string") pairs.push([name, value]);
    else if (value.name !== "" || value.size > 0) pairs.push([name, await fileField(value)]);
  }
  return pairs;
}

async function readForm(bytes: Uint8Array, contentType: string): Promise<FormData | null> {
  try {
    return await new Response(new Uint8Array(bytes), { headers: { "content-type": contentType } }).formData();
  } catch {
    // Whatever the platform's parser throws, it is about the bytes it was given.
    return null;
  }
}

async function fileField(file: File): Promise<Json> {
  const base64 = Buffer.from(await file.arrayBuffer()).toString("base64");
  return { filename: file.name, type: file.type, size: file.size, base64 };
}
