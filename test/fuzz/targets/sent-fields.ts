/** What a body says, read a second way. */
type Sent = { fields: Record<string, unknown>; hasKey: boolean };

/**
 * The fields a form post holds, read without intake's code. Null when this reader cannot tell: text that is not UTF-8 (which intake
 * reads as windows-1252), and multipart, of which there is only one reader.
 */
export async function sentFields(contentType: string | null, body: Uint8Array): Promise<Sent | null> {
  const essence = contentType?.split(";")[0]?.trim().toLowerCase() ?? "";
  if (essence === "application/json" || essence.endsWith("+json")) return sent(jsonPairs(body));
  if (essence === "application/x-www-form-urlencoded" && !/charset/i.test(contentType ?? ""))
    return sent(formPairs(body));
  return null;
}

function sent(pairs: [string, unknown][] | null): Sent | null {
  if (!pairs) return null;
  const fields: Record<string, unknown> = {};
  const several = new Set<string>();
  let hasKey = false;
  for (const [rawName, rawValue] of pairs) {
    const name = cleaned(rawName) as string;
    const value = cleaned(rawValue);
    if (name === "_key") hasKey = true;
    if (name.startsWith("_")) continue;
    if (!Object.hasOwn(fields, name)) {
      define(fields, name, value);
      continue;
    }
    const earlier = fields[name];
    const list = several.has(name) || Array.isArray(earlier) ? (earlier as unknown[]) : [earlier];
    several.add(name);
    define(fields, name, [...list, ...(Array.isArray(value) ? value : [value])]);
  }
  return { fields, hasKey };
}

function jsonPairs(body: Uint8Array): [string, unknown][] {
  const text = new TextDecoder().decode(body);
  return Object.entries(
    JSON.parse(text, (_: string, value: unknown, { source }: { source?: string } = {}) =>
      number(value, source),
    ) as object,
  );
}

/** One that JavaScript cannot hold is kept as it was written. */
function number(value: unknown, source = ""): unknown {
  if (value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY) return source;
  return typeof value === "number" && /^-?\d+$/.test(source) && BigInt(source) !== BigInt(value) ? source : value;
}

function formPairs(body: Uint8Array): [string, unknown][] | null {
  const text = Buffer.from(body).toString("latin1");
  if (/[^\0-\x7f]/.test(text)) return null;
  const pairs = [...new URLSearchParams(`&${text}`)];
  if (pairs.some((pair) => pair.join("").includes("\ufffd"))) return null;
  return pairs.map(([name, value]) => (name.endsWith("[]") ? [name.slice(0, -2), [value]] : [name, value]));
}

/** Without what neither stores nor destinations can hold. */
function cleaned(value: unknown): unknown {
  if (typeof value === "string") return value.replaceAll("\0", "").toWellFormed();
  if (Array.isArray(value)) return value.map(cleaned);
  if (typeof value !== "object" || value === null) return value;
  const copy: Record<string, unknown> = {};
  for (const [rawName, one] of Object.entries(value)) {
    const name = cleaned(rawName) as string;
    if (name !== "__proto__") define(copy, name, cleaned(one));
  }
  return copy;
}

function define(target: Record<string, unknown>, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, configurable: true, enumerable: true, writable: true });
}
