import { isLetter, isSpace } from "./characters.ts";
import { codeWords, lexicon, type Topic, uncutPhrases } from "./lexicon.ts";

export type Phrase = { text: string; topic: Topic; points: number };

/** `phrase` null: a word of code. */
type Entry = { text: string; phrase: Phrase | null };

const space = 0x20;
const hyphen = 0x2d;
const seed = 0x811c9dc5 | 0;
const prime = 0x01000193;
export const emptyWord: number = seed;

/** The hash of a word with one more letter. */
export function wordWith(word: number, code: number): number {
  return Math.imul(word ^ code, prime);
}

/** The hash of two words that follow each other. */
export function pairOf(first: number, second: number): number {
  return Math.imul(first, 0x85ebca6b) ^ second;
}

/** By a hash of its first two words, or of the one it has. */
const entries = new Map<number, Entry[]>();
/** The keys of `entries` once more, each in the first free slot from its own on: eight kilobytes that stay in the processor's cache. */
const slots = 8_192;
const keys = new Int32Array(slots);

for (const [topic, points, ...texts] of lexicon) for (const text of texts) enter(text, { text, topic, points });
for (const text of codeWords) enter(text, null);

function enter(text: string, phrase: Phrase | null): void {
  const word = beginningOf(text);
  const others = entries.get(word);
  if (others) others.push({ text, phrase });
  else {
    keys[freeSlot(word)] = word;
    entries.set(word, [{ text, phrase }]);
  }
}

function freeSlot(word: number): number {
  let slot = word & (slots - 1);
  while (keys[slot] !== 0) slot = (slot + 1) & (slots - 1);
  return slot;
}

/** Whether anything has this hash. */
export function isKey(word: number): boolean {
  for (let slot = word & (slots - 1); keys[slot] !== 0; slot = (slot + 1) & (slots - 1)) {
    if (keys[slot] === word) return true;
  }
  return false;
}

/** Of the first two words, or of the one there is. Looks no further: each start does this for all phrases. */
function beginningOf(text: string): number {
  let first = emptyWord;
  let word = emptyWord;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (isLetter(code)) word = wordWith(word, code);
    else if (word !== emptyWord) {
      if (first !== emptyWord) break;
      first = word;
      word = emptyWord;
    }
  }
  if (first === emptyWord) return word;
  return word === emptyWord ? first : pairOf(first, word);
}

/** Adds the phrases of this hash that begin here to those found. True when a word of code does. */
export function find(word: number, text: string, at: number, found: Phrase[]): boolean {
  let isCode = false;
  for (const entry of entries.get(word) ?? []) {
    if (!stands(entry.text, text, at)) continue;
    if (entry.phrase === null) isCode = true;
    else if (!found.includes(entry.phrase)) found.push(entry.phrase);
  }
  return isCode;
}

/** A phrase may be broken over lines, or its words be joined by hyphens. */
function stands(phrase: string, text: string, at: number): boolean {
  let to = at;
  for (let i = 0; i < phrase.length; i++, to++) {
    const code = text.charCodeAt(to);
    if (phrase.charCodeAt(i) !== space) {
      if (phrase.charCodeAt(i) !== code) return false;
    } else if (code !== hyphen) {
      if (!isSpace(code)) return false;
      while (isSpace(text.charCodeAt(to + 1))) to++;
    }
  }
  return to >= text.length || !isLetter(text.charCodeAt(to));
}

/** The same of phrases in languages without spaces. */
export function findUncut(text: string, found: Phrase[]): void {
  for (const [topic, points, ...texts] of uncutPhrases)
    for (const one of texts) if (text.includes(one)) found.push({ text: one, topic, points });
}
