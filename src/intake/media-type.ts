/** How a body is to be read. `absent`: no content type was given. `charset` is lower-case, null when not given. */
export type MediaType = {
  type: "json" | "urlencoded" | "multipart" | "absent" | "unsupported";
  charset: string | null;
};

const charsetParameter = /;\s*charset\s*=\s*"?([^\s";]+)/i;

/** Reads a `Content-Type` header; null when there was none. */
export function mediaTypeOf(header: string | null): MediaType {
  if (header === null || header.trim() === "") return { type: "absent", charset: null };
  const semicolon = header.indexOf(";");
  const essence = (semicolon < 0 ? header : header.slice(0, semicolon)).trim().toLowerCase();
  const charset = semicolon < 0 ? null : (charsetParameter.exec(header)?.[1]?.toLowerCase() ?? null);
  return { type: typeOf(essence), charset };
}

function typeOf(essence: string): MediaType["type"] {
  if (essence === "application/json" || essence.endsWith("+json")) return "json";
  if (essence === "application/x-www-form-urlencoded") return "urlencoded";
  if (essence === "multipart/form-data") return "multipart";
  return "unsupported";
}
