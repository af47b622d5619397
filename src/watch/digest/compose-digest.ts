import { bodyText } from "../../destinations/mail/address.ts";
import { defanged } from "../../destinations/mail/defang.ts";
import type { Block, Brand, FieldRow, MailContent, MailDocument } from "../../destinations/mail/document.ts";
import { renderHtml } from "../../destinations/mail/render-html.ts";
import { renderText } from "../../destinations/mail/render-text.ts";
import { type DigestLanguage, type DigestWords, digestWords, type Phrase, sayIn } from "./digest-words.ts";
import type { Compared, DestinationFigures, DigestFigures } from "./gather-digest.ts";

export type DigestLook = {
  /** @default "en" */
  language?: DigestLanguage;
  /** IANA name of the zone days are told in. @default "UTC" */
  timeZone?: string;
  /** Where the console is; must come from us. @default no link */
  consoleUrl?: string | null;
  /** @default Leadkeep's own */
  brand?: Brand;
};

/** So many forms and sources have a row of their own. */
const ownRows = 10;
const leadkeep: Brand = { name: "Leadkeep", colour: "#2450a8", logo: null, website: null };

/** The weekly digest as a mail: how many leads came and from where, whether they arrived, and what needs a hand. Pure. */
export function composeDigest(figures: DigestFigures, look: DigestLook = {}): MailContent {
  const { language = "en", timeZone = "UTC", consoleUrl = null, brand = leadkeep } = look;
  const voice = { words: digestWords[language], say: sayIn(language), day: dayIn(language, timeZone) };
  const document = digestDocument(figures, voice, language, consoleUrl);
  return { subject: document.subject, html: renderHtml(document, brand), text: renderText(document, brand) };
}

/** What a language needs to say figures. */
type Voice = {
  words: DigestWords;
  say: ReturnType<typeof sayIn>;
  /** A day in words. */
  day(at: number): string;
};

function digestDocument(
  figures: DigestFigures,
  voice: Voice,
  language: DigestLanguage,
  consoleUrl: string | null,
): MailDocument {
  const { words, say } = voice;
  const toSee = rowsToSee(figures, voice);
  const verdict = toSee.length === 0 ? words.allWell : say(words.toSee, { count: toSee.length });
  const hasArrived = figures.destinations.every(({ owed }) => owed === 0) && figures.orphans.length === 0;
  const summary = summaryOf(figures, voice);
  return {
    language,
    subject: `${say(words.subject, figures.leads)}, ${verdict}`,
    preview: summary,
    title: words.title,
    blocks: [
      { type: "paragraph", text: `${summary} ${hasArrived ? words.arrived : words.notAll}` },
      ...table(words.needsAHand, toSee),
      ...table(words.byForm, comparedRows(figures.byForm, voice)),
      ...table(words.bySource, comparedRows(figures.bySource, voice)),
      ...table(
        words.byDestination,
        figures.destinations.map((one) => ({ label: one.label, value: arrivalOf(one, voice, language) })),
      ),
      ...(consoleUrl === null ? [] : [{ type: "links" as const, links: [{ label: words.open, href: consoleUrl }] }]),
    ],
    footer: [words.why],
  };
}

function summaryOf({ leads, since, until }: DigestFigures, { words, say, day }: Voice): string {
  const came = say(words.came, { count: leads.count, since: day(since), until: day(until - 1) });
  return `${came}: ${changeOf(leads, words, say)}.`;
}

function changeOf({ count, before }: Compared, words: DigestWords, say: Voice["say"]): string {
  if (count === before) return words.same;
  return count > before ? say(words.more, { count: count - before }) : say(words.fewer, { count: before - count });
}

function rowsToSee(
  { pauses, deadLetters, orphans, quarantined }: DigestFigures,
  { words, say, day }: Voice,
): FieldRow[] {
  const reasonOf = ({ message }: { message: string }) => typed(message).replace(/[.\s]+$/, "");
  return [
    ...pauses.map(({ label, since, by, reason, waiting }) => {
      const what = by === "person" ? words.pausedByPerson : words.paused;
      const cure = by === "person" ? words.resumeWhenReady : words.pauseCure(reason.code);
      const wait = waiting === 0 ? "" : `${say(words.waiting, { count: waiting })} `;
      return { label, value: `${say(what, { since: day(since), reason: reasonOf(reason) })} ${wait}${cure}` };
    }),
    ...deadLetters.map(({ label, reason, count }) => ({
      label,
      value: `${say(words.dead, { count, reason: reasonOf(reason) })} ${words.deadLetterCure(reason.code)}`,
    })),
    ...orphans.map(({ destination, waiting }) => ({
      label: destination,
      value: `${say(words.orphaned, { count: waiting })} ${words.configureAgain}`,
    })),
    ...(quarantined === 0 ? [] : [{ label: words.quarantine, value: say(words.quarantined, { count: quarantined }) }]),
  ];
}

function comparedRows(rows: readonly (Compared & { name: string })[], { words, say }: Voice): FieldRow[] {
  const rest = rows
    .slice(ownRows)
    .reduce((sum, { count, before }) => ({ count: sum.count + count, before: sum.before + before }), {
      count: 0,
      before: 0,
    });
  return [
    ...rows.slice(0, ownRows).map((row) => ({
      label: row.name === "" ? words.noSource : typed(row.name),
      value: say(words.before, row),
    })),
    ...(rows.length > ownRows ? [{ label: words.others, value: say(words.before, rest) }] : []),
  ];
}

function arrivalOf(
  { delivered, owed, medianMs, slowMs }: DestinationFigures,
  { words, say }: Voice,
  language: DigestLanguage,
): string {
  const due = delivered + owed;
  if (due === 0) return words.nothingDue;
  // Rounded down: what reads 100 % is all of them.
  const percent = new Intl.NumberFormat(language, {
    style: "percent",
    maximumFractionDigits: 1,
    roundingMode: "floor",
  });
  const share = say(words.share, { share: percent.format(delivered / due), delivered, due });
  if (delivered === 0) return share;
  const [half, most] = [medianMs, slowMs].map((ms) => spanOf(ms, words, say));
  return `${share}; ${say(words.half, { time: half ?? "" })}, ${say(words.most, { time: most ?? "" })}`;
}

function spanOf(ms: number | null, { units, longer }: DigestWords, say: Voice["say"]): string {
  if (ms === null) return longer;
  const [unit, size]: [Phrase, number] =
    ms < 60_000 ? [units.second, 1_000] : ms < 3_600_000 ? [units.minute, 60_000] : [units.hour, 3_600_000];
  return say(unit, { count: ms / size });
}

/** What a visitor, or a vendor's answer, may have put there: kept on one line, and no link is made of it. */
function typed(text: string): string {
  return defanged(bodyText(text)).replace(/\s+/g, " ").trim();
}

function table(heading: string, rows: readonly FieldRow[]): Block[] {
  return rows.length === 0 ? [] : [{ type: "fields", heading, rows }];
}

function dayIn(language: DigestLanguage, timeZone: string): (at: number) => string {
  const format = new Intl.DateTimeFormat(language === "en" ? "en-GB" : language, {
    day: "numeric",
    month: "long",
    year: "numeric",
    timeZone,
  });
  return (at) => format.format(at);
}
