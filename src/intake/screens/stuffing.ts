import type { ScreeningReason } from "../../model/lead.ts";
import { nameFields, type Screened } from "./screened.ts";

const longestName = 100;

/** The same text in field after field, or a text where a name belongs: filled in by something that does not read. */
export function screenStuffing({ texts }: Screened): ScreeningReason | null {
  if (texts.length < 2) return null;
  const most = mostAlike(texts);
  if (most >= 3) return { code: "stuffed", points: 4, message: `${most} fields hold the same text` };
  const first = texts.find(({ name }) => name === "firstname")?.text;
  const last = texts.find(({ name }) => name === "lastname")?.text;
  if (
    first &&
    last &&
    first.length >= 5 &&
    last.length > first.length &&
    last.length <= first.length + 3 &&
    last.startsWith(first)
  )
    return { code: "doubled_name", points: 5, message: "the last name is the first name with letters added" };
  if (texts.some(({ name, text }) => nameFields.has(name) && text.length > longestName))
    return { code: "long_name", points: 3, message: "a whole text stands where the name belongs" };
  return null;
}

/** How many fields hold what stands for the name: choices such as "yes" come again and again. */
function mostAlike(texts: Screened["texts"]): number {
  let most = 0;
  for (const { name, text } of texts) {
    if (!nameFields.has(name)) continue;
    most = Math.max(most, texts.filter((one) => one.text === text).length);
  }
  return most;
}
