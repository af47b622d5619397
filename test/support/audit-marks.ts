/**
 * Values no program would write by itself, so that whatever of them is found somewhere got there. `secret`: may be only at whom it
 * opens a door for. `personal`: may be only where the lead itself is. `unkept`: came with a request, and is to be nowhere at all.
 */
export type MarkKind = "secret" | "personal" | "unkept";

const roots: Record<MarkKind, string> = { secret: "zqsecret", personal: "zqperson", unkept: "zqunkept" };

/** A marked value: letters and digits only, so that neither JSON nor HTML nor a URL changes it. */
export function mark(kind: MarkKind, what: string, n: number | string = ""): string {
  return `${roots[kind]}${what}${n}z`;
}

/** The telephone numbers and addresses of marked visitors, by number: of ranges kept free for examples. */
export const markedPhone = (n: number): string => `07700 900${String(n).padStart(3, "0")}`;
export const markedAddress = (n: number): string => (n % 2 ? `203.0.113.${n % 256}` : `2001:db8::${n.toString(16)}`);

/** The token of a link in a mail: payload, signature, the id of the key. */
export const linkToken = /[\w-]{20,}\.[\w-]{43}\.[0-9a-f]{8}\b/g;

const patterns: Record<MarkKind, RegExp[]> = {
  secret: [
    ...spellings(roots.secret),
    // Tokens that are made while the program runs: Google's, JWTs, the API's, of links in mails, of links to sign in.
    /ya29\.[\w-]{8,}/g,
    /eyJ[\w-]{10,}\.[\w-]{10,}/g,
    /lk_[\w-]{20,}/g,
    linkToken,
    /sign-in#[\w-]{20,}/g,
  ],
  personal: [...spellings(roots.personal), /(?:\+44|\b0)\s?7700[ -]?900[ -]?\d{3}\b/g],
  unkept: [...spellings(roots.unkept), /\b203\.0\.113\.\d+/g, /\b2001:0?db8:[0-9a-f:]*/gi],
};

/** What of the marked values is in there, in any spelling: as it is, in hex, or in base64 with whatever stands before it. */
export function marksIn(text: string, kinds: readonly MarkKind[] = ["secret", "personal", "unkept"]): string[] {
  const found = kinds.flatMap((kind) => patterns[kind].flatMap((pattern) => text.match(pattern) ?? []));
  return [...new Set(found)].sort();
}

/** The same for bytes, which are also looked at as UTF-16. */
export function marksInBytes(bytes: Buffer, kinds?: readonly MarkKind[]): string[] {
  return [...new Set([...marksIn(bytes.toString("latin1"), kinds), ...marksIn(bytes.toString("utf16le"), kinds)])];
}

function spellings(root: string): RegExp[] {
  const encoded = [0, 1, 2].flatMap((before) => [base64Core(root, before), base64Core(root.toUpperCase(), before)]);
  const hex = Buffer.from(root).toString("hex");
  return [new RegExp(`${root}\\w*`, "gi"), new RegExp(`${hex}[0-9a-f]*`, "gi"), new RegExp(encoded.join("|"), "g")];
}

/** The characters of a base64 text that depend on the root alone, when `before` bytes of a group of three stand before it. */
function base64Core(root: string, before: number): string {
  const text = Buffer.from("\0".repeat(before) + root).toString("base64");
  const first = Math.ceil((before * 8) / 6);
  const last = Math.floor(((before + root.length) * 8) / 6);
  return text.slice(first, last).replace(/[+/]/g, "\\$&");
}
