import type { ScreeningReason } from "../../model/lead.ts";
import { type Topic, topicMessages } from "./lexicon.ts";
import type { Phrase } from "./phrases.ts";
import type { Screened } from "./screened.ts";

/** No topic alone is enough: somebody may have business in it. */
const most: Record<Topic, number> = {
  seo: 5,
  pitch: 6,
  call: 4,
  lists: 6,
  crypto: 7,
  casino: 7,
  pharma: 7,
  adult: 7,
  money: 7,
};
const least = 2;
const offer = 3;
/** Two turns of phrase at the least: who asks to be taken off a list has one of them, too. */
const manner = 4;

/** What spam usually offers, in words. Each phrase counts once. Pure. */
export function screenWording(
  phrases: readonly Phrase[],
  { texts }: Pick<Screened, "texts">,
  hasLink: boolean,
): ScreeningReason[] {
  if (phrases.length === 0) return [];
  const sums = new Map<Topic, number>();
  for (const { topic, points } of phrases) sums.set(topic, (sums.get(topic) ?? 0) + points);
  // One word of a topic is talk of it, not an offer.
  for (const [topic, sum] of sums) if (sum < least) sums.delete(topic);

  const reasons = [...sums].map(([topic, sum]) => ({
    code: `topic_${topic}`,
    points: Math.min(most[topic], sum),
    message: topicMessages[topic],
  }));
  const wares = [...sums].filter(([topic]) => topic !== "pitch" && topic !== "call");
  const isOffer = wares.some(([, sum]) => sum >= offer) || ((sums.get("pitch") ?? 0) >= manner && sums.has("call"));
  if (hasLink && isOffer) reasons.push(offerWithLink);
  if (wares.some(([topic]) => isNameOf(topic, phrases, texts))) reasons.push(offerForName);
  return reasons;
}

const offerWithLink = { code: "offer_with_link", points: 4, message: "an offer with a link to it" };
const offerForName = { code: "offer_for_name", points: 2, message: "what is offered stands where the name belongs" };

function isNameOf(topic: Topic, phrases: readonly Phrase[], texts: Screened["texts"]): boolean {
  const names = texts.flatMap(({ field, text }) => (field.holds === "name" ? [text.toLowerCase()] : []));
  // A plain word of the topic may be part of a company's name.
  return phrases.some(
    (phrase) => phrase.topic === topic && phrase.points >= least && names.some((name) => name.includes(phrase.text)),
  );
}
