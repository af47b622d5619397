import type { ScreeningReason } from "../../model/lead.ts";
import type { Screened, TypedText } from "./screened.ts";

const longestName = 100;

/** The same text in field after field, or a text where a name belongs: filled in by something that does not read. */
export function screenStuffing({ texts }: Screened): ScreeningReason | null {
  if (texts.length < 2) return null;
  let isLong = false;
  let most = 0;
  let first: string | null = null;
  let last: string | null = null;
  for (const { field, text } of texts) {
    if (field.holds !== "name") continue;
    // Only what stands for the name: choices such as "yes" come again and again.
    most = Math.max(most, timesOf(text, texts));
    isLong ||= text.length > longestName;
    if (field.name === "firstname") first ??= text;
    else if (field.name === "lastname") last ??= text;
  }
  if (most >= 3) return { code: "stuffed", points: 4, message: `${most} fields hold the same text` };
  if (first && last && isDoubled(first, last))
    return { code: "doubled_name", points: 5, message: "the last name is the first name with letters added" };
  return isLong ? { code: "long_name", points: 3, message: "a whole text stands where the name belongs" } : null;
}

function timesOf(text: string, texts: readonly TypedText[]): number {
  let times = 0;
  for (const one of texts) if (one.text === text) times += 1;
  return times;
}

/** How surnames are made of first names: Martin Martinez, Peter Petersen, Stefan Stefanov. */
const surnameEndings = new Set(
  "s es ez iz az is i o y e a us as an en in on er sen son ssen ian yan ini oni ic ich ov ev off ova eva yev enko uk sky ski ska".split(
    " ",
  ),
);

function isDoubled(first: string, last: string): boolean {
  return (
    first.length >= 5 &&
    last.length > first.length &&
    last.length <= first.length + 3 &&
    last.startsWith(first) &&
    !surnameEndings.has(last.slice(first.length))
  );
}
