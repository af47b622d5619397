import { domainToASCII } from "node:url";

/** A mail address with the name shown beside it; the name is `""` when there is none. */
export type Mailbox = { name: string; address: string };

const longestAddress = 254;
const longestLocalPart = 64;
const localPart = /^[^\s\p{C}<>()[\]\\,;:"@]+$/u;
const domainLabel = /^[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?$/u;

/**
 * True when the text is one plain address and nothing else: no quotes, no comments, no list, no control characters, so that it
 * stays one recipient whatever reads it.
 */
export function isPlainAddress(text: string): boolean {
  const at = text.lastIndexOf("@");
  const local = text.slice(0, at);
  const labels = text.slice(at + 1).split(".");
  return (
    at > 0 &&
    text.length <= longestAddress &&
    local.length <= longestLocalPart &&
    localPart.test(local) &&
    labels.every((label) => domainLabel.test(label))
  );
}

/** The domain of an address as DNS knows it: lower-case, in ASCII. */
export function domainOf(address: string): string {
  return domainToASCII(address.slice(address.lastIndexOf("@") + 1)).toLowerCase();
}

/** Reads `name@example.com`, `Name <name@example.com>` or `"Name, Surname" <name@example.com>`; null when it is neither. */
export function parseMailbox(text: string): Mailbox | null {
  const trimmed = text.trim();
  const [whole, quoted, bare, bracketed] = /^(?:"([^"]*)"|([^"<>]*?))\s*<([^<>]*)>$/.exec(trimmed) ?? [];
  const address = whole === undefined ? trimmed : (bracketed ?? "").trim();
  if (!isPlainAddress(address)) return null;
  return { name: headerText(quoted ?? bare ?? ""), address };
}

/** Reads several, separated by commas outside of quotes; null when one of them is wrong or there is none. */
export function parseMailboxes(text: string): Mailbox[] | null {
  const parts = text.match(/(?:"[^"]*"|[^",])+/g)?.filter((part) => part.trim() !== "") ?? [];
  const boxes = parts.map(parseMailbox).filter((box) => box !== null);
  return boxes.length > 0 && boxes.length === parts.length ? boxes : null;
}

/** Control characters and line ends of every kind, which would end a header or hide what it says. */
const breaking = /[\p{Cc}\p{Zl}\p{Zp}]+/gu;
/** Characters that turn the direction of text or are not seen. The joiner of emoji and of some scripts stays. */
const disguising = /[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

/**
 * Text fit for a header: one line, no control characters, nothing invisible, at most `longest` characters. `=?` is parted,
 * for it would have mail programs decode what a visitor typed as an encoded word (RFC 2047).
 */
export function headerText(text: string, longest = 120): string {
  const line = text
    .toWellFormed()
    .replace(breaking, " ")
    .replace(disguising, "")
    .replaceAll("=?", "= ?")
    .replace(/\s+/g, " ")
    .trim();
  const characters = [...line];
  return characters.length > longest ? `${characters.slice(0, longest - 1).join("")}…` : line;
}

/** A visitor's name as the display name of an address: without what has a meaning in an address list. */
export function displayName(text: string): string {
  return headerText(text.replace(/[<>@"\\,;:()[\]]/g, " "), 60);
}

/** Text fit for a mail's body: its lines and tabs stay, control characters and what disguises go. */
export function bodyText(text: string): string {
  return text
    .toWellFormed()
    .replace(/\r\n?|[\u0085\u2028\u2029\v\f]/g, "\n")
    .replace(/(?![\n\t])\p{Cc}/gu, "")
    .replace(disguising, "");
}
