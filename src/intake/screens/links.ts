import type { ScreeningReason } from "../../model/lead.ts";
import type { Screened, TypedText } from "./screened.ts";

const address =
  /https?:\/\/[^\s<>"'\])]+|(?:^|[\s(])(?:www\.[^\s<>"'\])]+|(?:[a-z0-9-]+\.)+(?:com|net|org|info|biz|ru|su|top|xyz|shop|site|online|club|icu|link|click|store|pro|vip|live|bet|casino|fun|win|ly|me|cc|tk|ml|ga|cf|gq)(?:\/[^\s<>"'\])]*)?(?![\w@.-]))/g;
const inName = /https?:\/\/|www\.|\.(?:com|net|ru|top|xyz|site|online|shop)\/|\bt\.me\/|\bbit\.ly\//i;

type Links = { count: number; characters: number };
export const noLinks: Links = { count: 0, characters: 0 };

/** How many links stand in a text in lower case. Pure. */
export function countLinks(lower: string): Links {
  let count = 0;
  let characters = 0;
  for (const [link] of lower.matchAll(address)) {
    count += 1;
    characters += link.length;
  }
  return { count, characters };
}

/** One link says nothing: people send one to their site, or to what they ask about. Many do, or more link than text. */
export function screenLinks(text: string, { count, characters }: Links): ScreeningReason | null {
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

function isLinkInName({ field, text }: TypedText): boolean {
  return field.holds === "name" && text.includes(".") && inName.test(text);
}
