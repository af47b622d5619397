import type { ScreeningReason } from "../../model/lead.ts";
import type { Scan } from "./scan.ts";
import type { Screened } from "./screened.ts";

const latin = /[a-z]/i;
const lookAlike = /[\u0400-\u04ff\u0370-\u03ff]/;
const word = /[\p{L}\p{M}]+/gu;
/** Khmer, Thai and others put the space without width between their words. */
const invisible = /(?<=[a-z\u00c0-\u04ff])[\u00ad\u200b\u2060\ufeff](?=[a-z\u00c0-\u04ff])/gi;

/** Latin words with a few letters of another alphabet that look the same: written to be read by people and not by filters. */
export function screenDisguise(
  { prose }: Pick<Screened, "prose">,
  { isAscii }: Pick<Scan, "isAscii">,
): ScreeningReason | null {
  if (isAscii) return null;
  if (lookAlike.test(prose) && latin.test(prose) && mixedWords(prose) >= 2)
    return { code: "disguised_letters", points: 5, message: "words mixed from two alphabets" };
  if ((prose.match(invisible)?.length ?? 0) >= 5)
    return { code: "invisible_characters", points: 3, message: "invisible characters between the letters" };
  return null;
}

function mixedWords(prose: string): number {
  let mixed = 0;
  for (const [one] of prose.matchAll(word)) if (one.length > 2 && latin.test(one) && lookAlike.test(one)) mixed += 1;
  return mixed;
}

/** Letters thrown together, as bots that look for weak forms send them. Only Latin letters are judged, and few at a time. */
export function screenGibberish({ texts }: Screened): ScreeningReason | null {
  let name = false;
  let body = false;
  for (const { field, text } of texts) {
    if (text.length > longestThrown || field.holds === "other") continue;
    if (field.holds === "message") body ||= isThrown(text);
    else name ||= isThrown(text);
  }
  if (!name && !body) return null;
  return name && body
    ? { code: "gibberish", points: 8, message: "name and text are letters thrown together" }
    : { code: "gibberish", points: 5, message: `the ${name ? "name" : "text"} is letters thrown together` };
}

/** With room for spaces around it. */
const longestThrown = 50;
const oneWord = /^[A-Za-z]{9,40}$/;
const vowels = /[aeiouy]/gi;
const consonants = /[bcdfghjklmnpqrstvwxz]{7,}/i;

/**
 * One word that changes between capitals and small letters again and again, far more often than a name put together from words,
 * or that nobody can pronounce.
 */
function isThrown(text: string): boolean {
  const trimmed = text.trim();
  if (!oneWord.test(trimmed)) return false;
  let changes = 0;
  for (let at = 1; at < trimmed.length; at++) {
    if (isCapital(trimmed.charCodeAt(at)) && !isCapital(trimmed.charCodeAt(at - 1))) changes += 1;
  }
  if (changes >= 3 && changes * 4 >= trimmed.length) return true;
  const spoken = (trimmed.match(vowels)?.length ?? 0) / trimmed.length;
  return spoken < 0.125 || (spoken < 0.25 && consonants.test(trimmed));
}

function isCapital(code: number): boolean {
  return code >= 65 && code <= 90;
}
