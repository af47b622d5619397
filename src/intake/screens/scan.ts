import { kindBeyondAscii, kinds, letterKind, signKind } from "./characters.ts";
import { emptyWord, find, findUncut, isKey, type Phrase, pairOf, wordWith } from "./phrases.ts";

/** What a look at a text found. `may…`: whether a closer look is worth while; false is certain. */
export type Scan = {
  /** Phrases of the lexicon, each once. */
  phrases: readonly Phrase[];
  mayHoldLink: boolean;
  mayHoldCode: boolean;
  isAscii: boolean;
};

/** Looks at a text in lower case, as a person reads it: letters in another dress and with nothing visible between are the letters. Pure. */
export function scan(lower: string): Scan {
  const seen = read(lower);
  if (seen.isAscii) return seen;
  const plain = plainOf(lower);
  return { ...(plain === lower ? seen : read(plain)), isAscii: false };
}

/**
 * Reads a text once, letter by letter, and cuts nothing out of it: words are looked up by their hashes, alone and with the one
 * before.
 */
function read(lower: string): Scan {
  // At hand, instead of looked up for each letter.
  const kindOf = kinds;
  const { length } = lower;
  const phrases: Phrase[] = [];
  let mayHoldLink = false;
  let hasSigns = false;
  let hasCode = false;
  let isAscii = true;
  let startBefore = 0;
  let wordBefore = 0;

  for (let at = 0; at < length; ) {
    const start = at;
    let word = emptyWord;
    let code = 0;
    let kind: number | undefined = 0;
    do {
      code = lower.charCodeAt(at);
      at += 1;
      if (code < 128) kind = kindOf[code];
      else {
        kind = kindBeyondAscii(code);
        isAscii = false;
      }
      if (kind !== letterKind) break;
      word = wordWith(word, code);
    } while (at < length);

    if (word !== emptyWord) {
      if (isKey(word) && find(word, lower, start, phrases)) hasCode = true;
      const pair = pairOf(wordBefore, word);
      if (isKey(pair) && find(pair, lower, startBefore, phrases)) hasCode = true;
      startBefore = start;
      wordBefore = word;
    }
    if (kind === signKind) {
      const next = at < length ? lower.charCodeAt(at) : space;
      if (code === fullStop) mayHoldLink ||= next >= a && next <= z;
      else {
        hasSigns = true;
        mayHoldLink ||= code === slash && next === slash;
        hasCode ||= beginsCode(code, next);
      }
    }
  }
  if (!isAscii && ideographs.test(lower)) findUncut(lower, phrases);
  return { phrases, mayHoldLink, mayHoldCode: hasSigns && hasCode, isAscii };
}

const ideographs = /[\u3400-\u9fff]/;
const space = 0x20;
const fullStop = 0x2e;
const slash = 0x2f;
const a = 0x61;
const z = 0x7a;

/** The signs at the start of what the closer look for code knows: `<a`, `<?`, `[url`, `[link`, `{{`, `${`, `/..`, `' or`. */
function beginsCode(code: number, next: number): boolean {
  switch (code) {
    case 0x3c:
      return (next >= a && next <= z) || next === 0x3f;
    case 0x5b:
      return next === 0x75 || next === 0x6c;
    case 0x7b:
      return true;
    case slash:
      return next === fullStop;
    case 0x27:
      return next <= space || next === 0x6f;
    default:
      return false;
  }
}

const apostrophes = /[\u2018\u2019\u02bc]/g;
const invisible = /[\u00ad\u200b\u2060\ufeff]/g;
/** Full-width and mathematical letters. */
const ornate = /[\uff41-\uff5a\ud835]/;

function plainOf(lower: string): string {
  const plain = lower.replace(apostrophes, "'").replace(invisible, "");
  return ornate.test(plain) ? plain.normalize("NFKC").toLowerCase() : plain;
}
