import type { Alert, AlertBook, AlertKind, Notice, OpenAlert } from "../model/alert.ts";
import type { Condition, Holding } from "./conditions.ts";

export type KeepRequest = {
  /** Epoch milliseconds, by the store's clock. */
  now: number;
  /** How long something must be gone before it counts as over; longer for what has come back lately. */
  overAfterMs: number;
};

/** What is to be told: of these alerts, together. */
export type Word = Pick<Notice, "type" | "alerts">;

/** More at once would not be read, and the note they are kept in is to stay small. */
const mostOpen = 100;
const mostOver = 50;
const dayMs = 86_400_000;
/** Where leads wait, people are reminded after these times. */
const remindAfterMs = [dayMs, 3 * dayMs, 7 * dayMs, 14 * dayMs, 28 * dayMs];
const waitingKinds = new Set<AlertKind>([
  "destination_blocked",
  "destination_failing",
  "destination_down",
  "waiting_long",
  "worker_gone",
]);
/** What has come back within a day has to be gone for longer and longer, up to so many times. */
const mostPatience = 32;

/**
 * Lets the book follow what is wrong now: alerts open, get worse, and are over, and the words to be told of that. Pure.
 *
 * Several alerts that are about the same trouble at a destination are told as one: word goes out when the first opens, when
 * it gets worse, and when the last is over.
 */
export function keepBook(
  book: AlertBook,
  { conditions, unknown, waiting }: Holding,
  { now, overAfterMs }: KeepRequest,
): { book: AlertBook; words: Word[] } {
  const holding = new Map(conditions.map((one) => [one.key, one]));
  const before = new Map(book.open.map((one) => [one.key, one]));
  const patience = (key: string): number => overAfterMs * patienceWith(key, book.over, now);

  const brewing: AlertBook["brewing"] = [];
  const opened: OpenAlert[] = [];
  for (const condition of conditions) {
    if (before.has(condition.key)) continue;
    const firstAt = Math.min(now, book.brewing.find(({ key }) => key === condition.key)?.firstAt ?? now);
    const ready = now - firstAt >= condition.tellAfterMs && before.size + opened.length < mostOpen;
    if (ready) opened.push(opening(condition, { firstAt, now }));
    else brewing.push({ key: condition.key, firstAt, seenAt: now });
  }
  const lingering = book.brewing.filter(
    ({ key, seenAt }) => !holding.has(key) && !before.has(key) && ago(seenAt, now) < patience(key),
  );

  const kept: OpenAlert[] = [];
  const ended: Alert[] = [];
  for (const alert of before.values()) {
    const condition = holding.get(alert.key);
    const goneAt = Math.min(now, alert.goneAt ?? now);
    if (condition) kept.push(following(alert, condition));
    else if (unknown.has(alert.kind)) kept.push({ ...alert, goneAt: null });
    else if (now - goneAt < patience(alert.key)) kept.push({ ...withWaiting(alert, waiting), goneAt });
    else ended.push(overNow(withWaiting(alert, waiting), now));
  }

  const { words, told } = wordsOf({ before, opened, kept, ended, over: book.over, measures: holding, now });
  const open = [...kept, ...opened].map((alert) => (told.has(alert.key) ? toldNow(alert, holding, now) : alert));
  return {
    book: {
      ...book,
      brewing: [...brewing, ...lingering].slice(-2 * mostOpen),
      open,
      over: [...ended, ...book.over].slice(0, mostOver),
    },
    words,
  };
}

/** Notes who has seen an alert: they are not reminded of it until it gets worse. Null when it is not open. */
export function acknowledge(
  book: AlertBook,
  id: string,
  seen: { by: string; at: number },
): { book: AlertBook; alert: Alert } | null {
  const alert = book.open.find((one) => one.id === id);
  if (!alert) return null;
  const acknowledged = { ...alert, acknowledged: seen };
  return {
    book: { ...book, open: book.open.map((one) => (one.id === id ? acknowledged : one)) },
    alert: acknowledged,
  };
}

type Changes = {
  before: ReadonlyMap<string, OpenAlert>;
  opened: readonly OpenAlert[];
  kept: readonly OpenAlert[];
  ended: readonly Alert[];
  /** What was over before. */
  over: readonly Alert[];
  measures: ReadonlyMap<string, Condition>;
  now: number;
};

/** What is worth a word, and the keys of the open alerts that are told by it. */
function wordsOf({ before, opened, kept, ended, over, measures, now }: Changes): { words: Word[]; told: Set<string> } {
  const words: Word[] = [];
  const told = new Set<string>();
  const groups = new Set([...before.values(), ...opened].map(groupOf));
  for (const group of groups) {
    const within = <A extends Alert>(alerts: Iterable<A>): A[] => [...alerts].filter((one) => groupOf(one) === group);
    const [were, openedHere, keptHere] = [within(before.values()), within(opened), within(kept)];
    const open = [...openedHere, ...keptHere].sort((one, other) => rankOf(other) - rankOf(one));
    if (open.length === 0) {
      words.push({ type: "over", alerts: episode(within(ended), within(over)) });
      continue;
    }
    const knownRank = Math.max(0, ...were.map(({ told: { rank } }) => rank));
    const rises = openedHere.some((one) => rankOf(one) > knownRank);
    const isWorse = keptHere.some((one) => hasGrownWorse(one, measures.get(one.key), now));
    if (!rises && !isWorse) {
      // Nothing new for people: what opened beside is told with the rest.
      for (const { key } of openedHere) told.add(key);
      continue;
    }
    words.push({ type: were.length === 0 ? "opened" : "worse", alerts: open });
    for (const { key } of open) told.add(key);
  }
  return { words: together(words), told };
}

/** What is over now, with what was part of the same trouble and over before it; the gravest first. */
function episode(ended: readonly Alert[], before: readonly Alert[]): Alert[] {
  const since = Math.min(...ended.map((one) => one.since));
  const alerts = new Map(ended.map((one) => [one.key, one]));
  for (const one of before) if ((one.overAt ?? 0) >= since && !alerts.has(one.key)) alerts.set(one.key, one);
  return [...alerts.values()].sort((one, other) => rankOf(other) - rankOf(one));
}

/** Words of the same sort about one destination, or about forms, are one. */
function together(words: readonly Word[]): Word[] {
  const places = Map.groupBy(words, ({ type, alerts: [first] }) => {
    const { subject } = first ?? { subject: null };
    const place = subject === null ? first?.key : subject.type === "form" ? "forms" : subject.id;
    return `${type === "over" ? "over" : "wrong"} ${place}`;
  });
  return [...places.values()].map((some) => {
    const type = some.find((one) => one.type !== "worse")?.type ?? "worse";
    return { type, alerts: some.flatMap(({ alerts }) => alerts) };
  });
}

/** Alerts that are of one trouble: leads do not get to a destination. Everything else is a trouble of its own. */
function groupOf({ kind, subject, key }: Alert): string {
  return subject?.type === "destination" && waitingKinds.has(kind) ? `destination-${subject.id}` : key;
}

/** Whether it needs a person more than another of the same trouble. */
function rankOf({ kind }: Pick<Alert, "kind">): number {
  return ranks[kind] ?? 1;
}
const ranks: Partial<Record<AlertKind, number>> = {
  destination_blocked: 3,
  destination_down: 2,
  destination_failing: 2,
};

/** So many are needed for a doubling to be worth another word. */
const worthTelling: Partial<Record<AlertKind, number>> = { disk_low: 0, dead_letters: 10, leads_missing: 10 };
const usuallyWorthTelling = 100;

function hasGrownWorse(alert: OpenAlert, condition: Condition | undefined, now: number): boolean {
  if (!condition) return false;
  const { told, kind, acknowledged } = alert;
  const least = Math.max(worthTelling[kind] ?? usuallyWorthTelling, 2 * told.measure);
  const grown = condition.measure >= least && condition.measure > told.measure;
  return grown || (acknowledged === null && stepOf(alert, now) > told.step);
}

/** How many of the times have passed after which people are reminded. */
function stepOf({ kind, since }: Pick<Alert, "kind" | "since">, now: number): number {
  return waitingKinds.has(kind) ? remindAfterMs.filter((ms) => now - since >= ms).length : 0;
}

function patienceWith(key: string, over: readonly Alert[], now: number): number {
  const times = over.filter((one) => one.key === key && one.overAt !== null && ago(one.overAt, now) < dayMs).length;
  return Math.min(2 ** times, mostPatience);
}

function opening(condition: Condition, { firstAt, now }: { firstAt: number; now: number }): OpenAlert {
  const { key, kind, subject, severity, reason, figures } = condition;
  const since = condition.since ?? firstAt;
  return {
    id: `${key}-${now.toString(36)}`,
    key,
    kind,
    subject,
    severity,
    since,
    worsenedAt: since,
    state: "open",
    overAt: null,
    reason,
    figures,
    acknowledged: null,
    goneAt: null,
    told: { rank: 0, measure: 0, step: 0 },
  };
}

/** It is still so: `since` stays, figures follow. */
function following(alert: OpenAlert, { reason, severity, figures }: Condition): OpenAlert {
  return { ...alert, reason: reason ?? alert.reason, severity, figures, goneAt: null };
}

function toldNow(alert: OpenAlert, conditions: ReadonlyMap<string, Condition>, now: number): OpenAlert {
  const isNew = alert.told.rank === 0;
  const measure = conditions.get(alert.key)?.measure ?? alert.told.measure;
  return {
    ...alert,
    worsenedAt: isNew ? alert.worsenedAt : now,
    acknowledged: isNew ? alert.acknowledged : null,
    told: { rank: rankOf(alert), measure, step: stepOf(alert, now) },
  };
}

/** What waits is still counted when the trouble is gone, until it has gone out. */
function withWaiting(alert: OpenAlert, waiting: Holding["waiting"]): OpenAlert {
  const { subject, kind, figures } = alert;
  if (subject?.type !== "destination" || !waitingKinds.has(kind)) return alert;
  return { ...alert, figures: { ...figures, leads: waiting.get(subject.id) ?? 0 } };
}

function overNow({ goneAt: _, told: __, ...alert }: OpenAlert, now: number): Alert {
  return { ...alert, state: "over", overAt: now };
}

/** How long ago; what lies ahead was noted before the clock was set back, and counts as just now. */
function ago(at: number, now: number): number {
  return Math.max(0, now - at);
}
