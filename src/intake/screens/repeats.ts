import type { ScreeningReason } from "../../model/lead.ts";

const windowMs = 3_600_000;
const mostTexts = 5_000;
/** Shorter texts, and what a page itself writes into its form, are sent by many people. */
const shortest = 60;
/** Of a longer text its beginning, its end and its length stand for all of it. */
const end = 500;
const many = 3;
/** What is no single space between words: to look for those alone costs a third of replacing every one. */
const uneven = /\s\s+|[\t\n\r\u00a0]/g;

/**
 * The same text from several people within an hour. `hash` is keyed, and only hashes are remembered. Worth a few points at most:
 * a page may write a text into its form for everybody.
 */
export function createRepeats(hash: (text: string) => string) {
  const texts = new Map<string, { until: number; people: Set<string> }>();

  function keyOf(message: string | null): string | null {
    if (message === null || message.length < shortest) return null;
    return hash(endsOf(message.trim()).toLowerCase().replace(uneven, " "));
  }

  return {
    /** Looks, and remembers that this person sent it. */
    screen(form: string, message: string | null, person: string | null, now: number): ScreeningReason | null {
      const key = keyOf(message);
      if (key === null) return null;
      const place = `${form} ${key}`;
      const known = texts.get(place);
      const entry = known && known.until > now ? known : { until: now + windowMs, people: new Set<string>() };
      texts.delete(place);
      texts.set(place, entry);
      if (entry.people.size <= many) entry.people.add(person ?? "");
      if (texts.size > mostTexts) {
        const [oldest] = texts.keys();
        if (oldest !== undefined) texts.delete(oldest);
      }
      return entry.people.size > many
        ? { code: "repeated_text", points: 4, message: "several people sent the same text within an hour" }
        : null;
    },
    size: () => texts.size,
  };
}

function endsOf(text: string): string {
  return text.length <= 2 * end ? text : `${text.slice(0, end)}${text.slice(-end)}${text.length}`;
}
