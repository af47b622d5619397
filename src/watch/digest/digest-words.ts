import { deadLetterCure, pauseCure } from "../../model/cure.ts";

/** A text with `{places}`; or one for each plural form of `{count}`. */
export type Phrase = string | { one: string; other: string };

/** Everything the weekly digest says, in one language. */
export type DigestWords = {
  subject: Phrase;
  allWell: string;
  toSee: Phrase;
  title: string;
  came: Phrase;
  more: Phrase;
  fewer: Phrase;
  same: string;
  arrived: string;
  notAll: string;
  needsAHand: string;
  paused: string;
  pausedByPerson: string;
  waiting: Phrase;
  dead: Phrase;
  orphaned: Phrase;
  configureAgain: string;
  resumeWhenReady: string;
  quarantine: string;
  quarantined: Phrase;
  byForm: string;
  bySource: string;
  byDestination: string;
  noSource: string;
  others: string;
  before: string;
  share: string;
  nothingDue: string;
  half: string;
  most: string;
  open: string;
  why: string;
  /** "within 5 seconds", by unit. */
  units: { second: Phrase; minute: Phrase; hour: Phrase };
  longer: string;
  /** What to do about a pause, or about dead letters, by the code of its reason. */
  pauseCure(code: string): string;
  deadLetterCure(code: string): string;
};

const english: DigestWords = {
  subject: { one: "{count} lead this week", other: "{count} leads this week" },
  allWell: "everything arrived",
  toSee: { one: "{count} thing needs a hand", other: "{count} things need a hand" },
  title: "Your leads of the week",
  came: { one: "{count} lead came in from {since} to {until}", other: "{count} leads came in from {since} to {until}" },
  more: { one: "{count} more than the week before", other: "{count} more than the week before" },
  fewer: { one: "{count} fewer than the week before", other: "{count} fewer than the week before" },
  same: "as many as the week before",
  arrived: "Everything that was due has arrived.",
  notAll: "Not everything has arrived yet; below is what to do.",
  needsAHand: "What needs a hand",
  paused: "Paused since {since}: {reason}.",
  pausedByPerson: "Paused by a person since {since}.",
  waiting: { one: "{count} lead waits.", other: "{count} leads wait." },
  dead: {
    one: "{count} lead is not tried again: {reason}.",
    other: "{count} leads are not tried again: {reason}.",
  },
  orphaned: {
    one: "{count} lead waits for it, and it is not configured.",
    other: "{count} leads wait for it, and it is not configured.",
  },
  configureAgain: "Configure it again, or cancel what waits for it.",
  resumeWhenReady: "Resume it when it is to receive leads again.",
  quarantine: "Quarantine",
  quarantined: {
    one: "{count} lead is held back as suspected spam. Look whether it is a person's; one click delivers it.",
    other:
      "{count} leads are held back as suspected spam. Look whether people are among them; one click delivers them.",
  },
  byForm: "Leads by form",
  bySource: "Leads by source",
  byDestination: "How they arrived",
  noSource: "No source given",
  others: "All others",
  before: "{count} (the week before: {before})",
  share: "{share} delivered ({delivered} of {due})",
  nothingDue: "Nothing was due.",
  half: "half within {time}",
  most: "95 % within {time}",
  open: "Open the console",
  why: "You get this mail once a week because alerts go to this address. Setting alerts.digest to false in the configuration ends it.",
  units: {
    second: { one: "{count} second", other: "{count} seconds" },
    minute: { one: "{count} minute", other: "{count} minutes" },
    hour: { one: "{count} hour", other: "{count} hours" },
  },
  longer: "more than 24 hours",
  pauseCure,
  deadLetterCure,
};

const german: DigestWords = {
  subject: { one: "{count} Lead diese Woche", other: "{count} Leads diese Woche" },
  allWell: "alles ist angekommen",
  toSee: { one: "{count} Sache braucht Sie", other: "{count} Sachen brauchen Sie" },
  title: "Ihre Leads der Woche",
  came: { one: "{count} Lead kam vom {since} bis {until}", other: "{count} Leads kamen vom {since} bis {until}" },
  more: { one: "{count} mehr als in der Woche davor", other: "{count} mehr als in der Woche davor" },
  fewer: { one: "{count} weniger als in der Woche davor", other: "{count} weniger als in der Woche davor" },
  same: "so viele wie in der Woche davor",
  arrived: "Alles, was fällig war, ist angekommen.",
  notAll: "Noch ist nicht alles angekommen; was zu tun ist, steht unten.",
  needsAHand: "Was Sie braucht",
  paused: "Angehalten seit {since}: {reason}.",
  pausedByPerson: "Seit {since} von einer Person angehalten.",
  waiting: { one: "{count} Lead wartet.", other: "{count} Leads warten." },
  dead: {
    one: "{count} Lead wird nicht mehr versucht: {reason}.",
    other: "{count} Leads werden nicht mehr versucht: {reason}.",
  },
  orphaned: {
    one: "{count} Lead wartet darauf, aber es ist nicht eingerichtet.",
    other: "{count} Leads warten darauf, aber es ist nicht eingerichtet.",
  },
  configureAgain: "Richten Sie es wieder ein, oder brechen Sie ab, was darauf wartet.",
  resumeWhenReady: "Setzen Sie es fort, wenn es wieder Leads bekommen soll.",
  quarantine: "Quarantäne",
  quarantined: {
    one: "{count} Lead wird als möglicher Spam zurückgehalten. Sehen Sie nach, ob es ein Mensch ist; ein Klick stellt ihn zu.",
    other:
      "{count} Leads werden als möglicher Spam zurückgehalten. Sehen Sie nach, ob Menschen darunter sind; ein Klick stellt sie zu.",
  },
  byForm: "Leads nach Formular",
  bySource: "Leads nach Herkunft",
  byDestination: "Wie sie ankamen",
  noSource: "Keine Herkunft genannt",
  others: "Alle übrigen",
  before: "{count} (Woche davor: {before})",
  share: "{share} zugestellt ({delivered} von {due})",
  nothingDue: "Nichts war fällig.",
  half: "die Hälfte binnen {time}",
  most: "95 % binnen {time}",
  open: "Konsole öffnen",
  why: "Sie erhalten diese E-Mail einmal in der Woche, weil Warnungen an diese Adresse gehen. alerts.digest auf false in der Konfiguration beendet das.",
  units: {
    second: { one: "{count} Sekunde", other: "{count} Sekunden" },
    minute: { one: "{count} Minute", other: "{count} Minuten" },
    hour: { one: "{count} Stunde", other: "{count} Stunden" },
  },
  longer: "mehr als 24 Stunden",
  pauseCure: (code) =>
    code === "unauthorized"
      ? "Die Zugangsdaten werden nicht angenommen. Tragen Sie gültige in die Konfiguration ein und starten Sie neu; setzen Sie es dann fort."
      : "Beheben Sie die Ursache und setzen Sie es fort; was wartet, geht dann hinaus.",
  deadLetterCure: (code) =>
    code === "by_hand"
      ? "Erledigen Sie es dort von Hand, und vermerken Sie das in der Konsole."
      : "Beheben Sie die Ursache und senden Sie sie erneut; oder vermerken Sie, dass sie von Hand erledigt sind.",
};

export const digestWords = { en: english, de: german } as const satisfies Record<string, DigestWords>;
export type DigestLanguage = keyof typeof digestWords;

/** Fills a phrase's `{places}`; numbers are written the language's way, and `count` decides between the plural forms. */
export function sayIn(language: DigestLanguage): (phrase: Phrase, places?: Places) => string {
  const number = new Intl.NumberFormat(language);
  const plural = new Intl.PluralRules(language);
  return (phrase, places = {}) => {
    const text =
      typeof phrase === "string" ? phrase : phrase[plural.select(Number(places.count)) === "one" ? "one" : "other"];
    return text.replace(/\{(\w+)\}/g, (_, name: string) => {
      const value = places[name] ?? "";
      return typeof value === "number" ? number.format(value) : value;
    });
  };
}

type Places = Readonly<Record<string, string | number>>;
