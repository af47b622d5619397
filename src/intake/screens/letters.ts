import type { ScreeningReason } from "../../model/lead.ts";
import { nameFields, type Screened } from "./screened.ts";

const calledFields = new Set([...nameFields, "company"]);
const bodyFields = new Set(["message", "comment", "comments", "subject", "question", "enquiry", "inquiry"]);
const beyondAscii = /[\u0080-\uffff]/;
const latin = /[a-z]/i;
const disguise = /[\u0400-\u04ff\u0370-\u03ff]/;
const word = /[\p{L}\p{M}]+/gu;
const invisible = /[\u200b\u2060\u00ad\ufeff]/g;

/** Latin words with a few letters of another alphabet that look the same: written to be read by people and not by filters. */
export function screenDisguise({ prose }: Screened): ScreeningReason | null {
  if (!beyondAscii.test(prose)) return null;
  let disguised = 0;
  if (disguise.test(prose) && latin.test(prose)) {
    for (const [one] of prose.matchAll(word))
      if (one.length > 2 && latin.test(one) && disguise.test(one)) disguised += 1;
  }
  if (disguised >= 2) return { code: "disguised_letters", points: 5, message: "words mixed from two alphabets" };
  if ((prose.match(invisible)?.length ?? 0) >= 5)
    return { code: "invisible_characters", points: 3, message: "invisible characters between the letters" };
  return null;
}

/** Letters thrown together, as bots that look for weak forms send them. Only Latin letters are judged, and few at a time. */
export function screenGibberish({ texts }: Screened): ScreeningReason | null {
  const name = texts.some((one) => calledFields.has(one.name) && isThrown(one.text));
  const body = texts.some((one) => bodyFields.has(one.name) && isThrown(one.text));
  if (name && body) return { code: "gibberish", points: 8, message: "name and text are letters thrown together" };
  if (name || body)
    return { code: "gibberish", points: 5, message: `the ${name ? "name" : "text"} is letters thrown together` };
  return null;
}

const oneWord = /^[A-Za-z]{8,40}$/;
const vowels = /[aeiouy]/gi;
const consonants = /[bcdfghjklmnpqrstvwxz]{6,}/i;

/** One word that changes between capitals and small letters again and again, or that nobody can pronounce. */
function isThrown(text: string): boolean {
  const trimmed = text.trim();
  if (!oneWord.test(trimmed)) return false;
  let changes = 0;
  for (let at = 1; at < trimmed.length; at++) {
    if (isCapital(trimmed.charCodeAt(at)) && !isCapital(trimmed.charCodeAt(at - 1))) changes += 1;
  }
  if (changes >= 3 && trimmed.length >= 9) return true;
  const spoken = trimmed.match(vowels)?.length ?? 0;
  return (
    trimmed.length >= 9 &&
    (spoken / trimmed.length < 0.15 || (consonants.test(trimmed) && spoken / trimmed.length < 0.25))
  );
}

function isCapital(code: number): boolean {
  return code >= 65 && code <= 90;
}
