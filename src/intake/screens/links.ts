import type { ScreeningReason } from "../../model/lead.ts";
import { nameFields, type Screened, type TypedText } from "./screened.ts";

const address =
  /https?:\/\/[^\s<>"'\])]+|(?:^|[\s(])(?:www\.[^\s<>"'\])]+|(?:[a-z0-9-]+\.)+(?:com|net|org|info|biz|ru|su|top|xyz|shop|site|online|club|icu|link|click|store|pro|vip|live|bet|casino|fun|win|ly|me|cc|tk|ml|ga|cf|gq)(?:\/[^\s<>"'\])]*)?(?![\w@.-]))/gi;
const inName = /https?:\/\/|www\.|\.(?:com|net|ru|top|xyz|site|online|shop)\/|\bt\.me\/|\bbit\.ly\//i;

/** How many links stand in what was typed. Pure. */
export function countLinks(text: string): { count: number; characters: number } {
  if (!mayHoldLink(text)) return { count: 0, characters: 0 };
  let count = 0;
  let characters = 0;
  for (const [link] of text.matchAll(address)) {
    count += 1;
    characters += link.length;
  }
  return { count, characters };
}

/** One link says nothing: people send one to their site, or to what they ask about. Many do, or more link than text. */
export function screenLinks(
  text: string,
  { count, characters }: ReturnType<typeof countLinks>,
): ScreeningReason | null {
  if (count < 2) return null;
  const dense = characters * 2 > text.length ? 2 : 0;
  const points = (count >= 10 ? 7 : count >= 5 ? 5 : count >= 3 ? 3 : 1) + dense;
  return { code: "links", points, message: `${count} links` };
}

/** No person is called like a web address. */
export function screenLinkInName({ texts }: Screened): ScreeningReason | null {
  return texts.some(isLinkInName)
    ? { code: "link_in_name", points: 6, message: "a web address stands where the name belongs" }
    : null;
}

function isLinkInName({ name, text }: TypedText): boolean {
  return nameFields.has(name) && inName.test(text);
}

/** True when a full stop has a letter right behind it, as it has in every address and nearly no sentence. */
function mayHoldLink(text: string): boolean {
  for (let at = text.indexOf("."); at >= 0; at = text.indexOf(".", at + 1)) {
    const next = text.charCodeAt(at + 1) | 0x20;
    if (next >= 97 && next <= 122) return true;
  }
  return false;
}
