import type { ScreeningReason } from "../../model/lead.ts";
import { lexicon, type Topic, topicMessages, uncutPhrases } from "./lexicon.ts";
import type { Screened } from "./screened.ts";

/** No topic alone is enough: somebody may have business in it. */
const most: Record<Topic, number> = {
  seo: 5,
  pitch: 6,
  lists: 6,
  crypto: 7,
  casino: 7,
  pharma: 7,
  adult: 7,
  money: 7,
};

type Phrase = { text: string; topic: Topic; points: number; single: boolean };

/** Phrases by their first word: one look for each word of the text, however many phrases there are. */
const byFirstWord = new Map<string, Phrase[]>();
for (const [topic, points, ...texts] of lexicon) {
  for (const text of texts) {
    const [first = ""] = text.split(" ");
    const phrase = { text, topic, points, single: first === text };
    byFirstWord.set(first, [...(byFirstWord.get(first) ?? []), phrase]);
  }
}
const ideographs = /[\u3400-\u9fff]/;

/** What spam usually offers, in words. Each phrase counts once. Pure. */
export function screenWording({ lower }: Screened): ScreeningReason[] {
  let found: Map<string, Phrase> | null = null;
  for (let at = 0; at < lower.length; at++) {
    if (!isLetter(lower.charCodeAt(at))) continue;
    const start = at;
    while (at < lower.length && isLetter(lower.charCodeAt(at))) at++;
    const phrases = byFirstWord.get(lower.slice(start, at));
    if (!phrases) continue;
    for (const phrase of phrases) {
      if (!phrase.single && !stands(phrase.text, lower, start)) continue;
      found ??= new Map();
      found.set(phrase.text, phrase);
    }
  }
  if (ideographs.test(lower)) {
    for (const [topic, points, ...texts] of uncutPhrases) {
      for (const text of texts) {
        if (!lower.includes(text)) continue;
        found ??= new Map();
        found.set(text, { text, topic, points, single: true });
      }
    }
  }
  return found ? reasonsOf(found.values()) : [];
}

function stands(phrase: string, text: string, at: number): boolean {
  return text.startsWith(phrase, at) && !isLetter(text.charCodeAt(at + phrase.length));
}

function reasonsOf(phrases: Iterable<Phrase>): ScreeningReason[] {
  const sums = new Map<Topic, number>();
  for (const { topic, points } of phrases) sums.set(topic, (sums.get(topic) ?? 0) + points);
  // One word of a topic is talk of it, not an offer.
  return [...sums].flatMap(([topic, sum]) =>
    sum < 2 ? [] : [{ code: `topic_${topic}`, points: Math.min(most[topic], sum), message: topicMessages[topic] }],
  );
}

/** Letters and digits of any script; beyond ASCII only what is punctuation is told apart. */
function isLetter(code: number): boolean {
  if (code < 128) return (code >= 97 && code <= 122) || (code >= 48 && code <= 57);
  if (code < 0xc0 || (code >= 0x2000 && code <= 0x206f)) return false;
  return !(
    (code >= 0x3000 && code <= 0x303f) ||
    (code >= 0xff00 && code <= 0xff0f) ||
    code === 0x60c ||
    code === 0x61f
  );
}
