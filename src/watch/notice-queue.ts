import type { AlertBook, Notice, Sending } from "../model/alert.ts";
import type { Outcome } from "../model/outcome.ts";
import type { Word } from "./alert-book.ts";

/** A way to people. */
export type ChannelInfo = { id: string; type: "mail" | "webhook" };

/** Waits between the attempts of a notice: about a day in all. After that the console has it. */
export const noticeSchedule = [
  5_000, 30_000, 120_000, 600_000, 1_800_000, 3_600_000, 10_800_000, 21_600_000, 43_200_000,
];
/** A channel that is blocked may be mended at the other end; then what waits is to go out soon. */
const blockedWaitMs = 300_000;
const mostNotices = 50;

/**
 * Queues words for every channel, but for the one a word says is failing. What they say over again has not to go out any more,
 * nor has what was queued for a channel that is not configured any more.
 */
export function queueWords(
  book: AlertBook,
  words: readonly (Word & { period?: Notice["period"] })[],
  { now, channels }: { now: number; channels: readonly ChannelInfo[] },
): AlertBook {
  let { serial } = book;
  const known = new Set(channels.map(({ id }) => id));
  let notices = book.notices
    .map((one) => ({ ...one, sendings: one.sendings.filter(({ channel }) => known.has(channel)) }))
    .filter(({ sendings }) => sendings.length > 0);
  for (const { type, alerts, period = null } of words) {
    serial += 1;
    const keys = new Set(alerts.map(({ key }) => key));
    const sendings = channels
      .filter(({ id, type: way }) => (period === null ? !keys.has(`${way}_failing-${id}`) : way === "mail"))
      .map(({ id }) => aSending(id, now));
    notices = notices.map((one) => withoutRepeated(one, keys)).filter(({ sendings }) => sendings.length > 0);
    if (sendings.length === 0) continue;
    notices = [...notices, { id: `notice_${now.toString(36)}_${serial}`, type, at: now, alerts, period, sendings }];
  }
  return { ...book, serial, notices: notices.slice(-mostNotices) };
}

/** A notice whose every alert is told by a newer one needs no sending that has not begun. */
function withoutRepeated(notice: Notice, keys: ReadonlySet<string>): Notice {
  if (notice.alerts.length === 0 || !notice.alerts.every(({ key }) => keys.has(key))) return notice;
  return { ...notice, sendings: notice.sendings.filter(({ claimedUntil }) => claimedUntil !== null) };
}

function aSending(channel: string, dueAt: number): Sending {
  return { channel, dueAt, tries: 0, attempts: 0, firstTryAt: null, uncertain: false, claimedUntil: null };
}

/** A sending somebody has taken on. */
export type Taken = { notice: Notice; sending: Sending };

/** A sending to be tried, and the book in which that is noted; or none, and how long until there is one. */
export type Due = { book: AlertBook; taken: Taken } | { book: null; dueInMs: number | null };

/**
 * Takes the longest queued of what is due in a channel. It is written down before it is tried, so one that is lost with its process
 * may come twice, never not at all. `dueInMs` is null when nothing waits.
 */
export function takeDue(
  book: AlertBook,
  { now, leaseMs, channel }: { now: number; leaseMs: number; channel: string },
): Due {
  const waits = book.notices.flatMap((notice) =>
    notice.sendings.filter((one) => one.channel === channel).map((sending) => ({ notice, sending })),
  );
  const due = waits.find(({ sending }) => dueIn(sending, now) === 0);
  if (!due) {
    return {
      book: null,
      dueInMs: waits.length === 0 ? null : Math.min(...waits.map(({ sending }) => dueIn(sending, now))),
    };
  }
  const { notice, sending: before } = due;
  const sending: Sending = {
    ...before,
    attempts: before.attempts + 1,
    uncertain: before.uncertain || before.claimedUntil !== null,
    claimedUntil: now + leaseMs,
  };
  const sendings = notice.sendings.map((one) => (one === before ? sending : one));
  const notices = book.notices.map((one) => (one === notice ? { ...notice, sendings } : one));
  return { book: { ...book, notices }, taken: { notice, sending } };
}

/** A time further ahead than any wait was noted before the clock was set back. */
function dueIn({ dueAt, claimedUntil }: Sending, now: number): number {
  const at = claimedUntil ?? dueAt;
  return at - now > longestMs ? 0 : Math.max(0, at - now);
}
const longestMs = 2 * Math.max(...noticeSchedule);

/** Where a sending goes on; null when it is over. */
export type NextSending = Pick<Sending, "dueAt" | "tries" | "uncertain"> | null;

/** Notes what a sending came to, and how its channel fares. Nothing happens to one that another has taken meanwhile. */
export function settleSending(
  book: AlertBook,
  { notice, sending }: Taken,
  { outcome, next, now, channel }: { outcome: Outcome; next: NextSending; now: number; channel: ChannelInfo },
): AlertBook {
  const notices = book.notices.flatMap((one) => {
    if (one.id !== notice.id) return [one];
    const sendings = one.sendings.flatMap((mine) => {
      if (mine.channel !== sending.channel || mine.attempts !== sending.attempts) return [mine];
      if (next === null) return [];
      const dueAt = outcome.type === "blocked" ? now + blockedWaitMs : next.dueAt;
      return [{ ...mine, ...next, dueAt, firstTryAt: mine.firstTryAt ?? now, claimedUntil: null }];
    });
    return sendings.length === 0 ? [] : [{ ...one, sendings }];
  });
  return { ...book, notices, failing: fares(book.failing, channel, outcome, now) };
}

function fares(
  failing: AlertBook["failing"],
  { id: channel, type }: ChannelInfo,
  outcome: Outcome,
  now: number,
): AlertBook["failing"] {
  const others = failing.filter((one) => one.channel !== channel);
  if (outcome.type === "delivered") return others;
  const was = failing.find((one) => one.channel === channel);
  const { reason } = outcome;
  const blocked = outcome.type === "blocked" || outcome.type === "rejected";
  return [...others, { channel, type, since: was?.since ?? now, failures: (was?.failures ?? 0) + 1, blocked, reason }];
}
