import type { ScreeningReason } from "../../model/lead.ts";
import type { Screened, TypedText } from "./screened.ts";

const linkMarkup = /<a\s[^>]{0,200}href|\[url[=\]]|\[link[=\]]/gi;
const script =
  /<script[\s>/]|<iframe[\s>]|javascript:|\bon(?:error|load|mouseover|focus)\s{0,9}=|document\.cookie|\beval\(|fromcharcode/i;
const probe =
  /\bunion\s+(?:all\s+)?select\b|'\s{0,9}or\s{1,9}'?\d{1,9}'?\s{0,9}=|;\s{0,9}drop\s+table|\bsleep\(\d|waitfor\s+delay|\/etc\/passwd|\$\{jndi:|\{\{\s{0,9}\d+\s{0,9}\*|<\?php|\.\.\/\.\.\/|\bxp_cmdshell\b/i;

const codeFirst = /^\s{0,9}[<'"${;./\\]/;
const shortOnes = 400;

/**
 * Links written for another page than this, and code that tries out whether it runs. A developer may ask about either, in words;
 * where nothing but code stands, or where it stands for a name, nobody asks. `scan` tells which texts are worth this look.
 */
export function screenMarkup({ prose, texts }: Screened): ScreeningReason | null {
  const links = prose.match(linkMarkup)?.length ?? 0;
  if (links > 1) return { code: "link_markup", points: 8, message: "several links written as HTML or BBCode" };
  if (links === 1) return { code: "link_markup", points: 6, message: "a link written as HTML or BBCode" };
  const isScript = script.test(prose);
  if (!isScript && !probe.test(prose)) return null;
  const points = texts.some(isCodeAlone) ? 8 : 6;
  return isScript
    ? { code: "script", points, message: "script code" }
    : { code: "probe", points, message: "code that looks for a hole" };
}

function isCodeAlone({ field, text }: TypedText): boolean {
  if (!script.test(text) && !probe.test(text)) return false;
  return field.holds === "name" || (text.length < shortOnes && codeFirst.test(text));
}
