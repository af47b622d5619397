import { randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import type { Lease } from "../ledger/together.ts";
import { type AlertBook, emptyBook, type Notice } from "../model/alert.ts";
import { type Log, traceOf } from "../model/log.ts";
import { keepBook, type Word } from "./alert-book.ts";
import type { Channel } from "./channels/channel.ts";
import { conditionsOf, type Observed, type Thresholds, usualQuarantine } from "./conditions.ts";
import { type DigestTime, dueDigest } from "./digest-time.ts";
import { queueWords } from "./notice-queue.ts";
import { noticeWords, type Surroundings } from "./notice-words.ts";
import { bookName, createNotices, type Settle } from "./notices.ts";
import { type LaneStatus, type ObserveOptions, observe } from "./observe.ts";

export type WatchOptions = Omit<ObserveOptions, "lanes"> & {
  /** The lanes of this process, which are asked only when they are at work. */
  lanes(): readonly LaneStatus[];
  thresholds: Thresholds;
  /** How long something must be gone before it counts as over. */
  overAfterMs: number;
  /** How often everything is looked at. */
  everyMs: number;
  /** Null: no weekly digest. */
  digest: DigestTime | null;
  channels: readonly Channel[];
  settle: Settle;
  surroundings: Omit<Surroundings, "now">;
  now(): number;
  random(): number;
  log: Log;
};

export type Watch = {
  /** Watches from now on; lanes are at work in this process. */
  start(): void;
  /** A lead was taken by a process whose lanes are not at work: from now on it watches whether anybody delivers. */
  visited(): void;
  /** What was due has been delivered by lanes that are not always at work. Never rejects. */
  drained(): Promise<void>;
  /** Looks no more, gives up what is being sent (it is sent again later), and lets another machine watch. */
  stop(): Promise<void>;
};

/** Longest time from something that calls for a look to the look; meanwhile more may come, to be told together. */
const soonMs = 5_000;
const heartbeatMs = 60_000;
/** Who delivers is taken to be at work for so long after a heartbeat. */
const workerFreshMs = 180_000;
/** A ledger that does not answer keeps nobody from stopping. */
const stopGraceMs = 5_000;
/** A drain's caller waits at most this long until people are told. */
const longestTellMs = 10_000;
/** Looks never take more than this share of the time. */
const largestShare = 0.1;
/** A machine that watches and is gone is followed by another after this, beyond the time between looks. */
const leaseMarginMs = 60_000;

/**
 * START of the watch: looks at everything every half a minute, and at once when a destination is paused; one of all machines does.
 * What is wrong becomes alerts, what people have to be told becomes notices, and both are put down together.
 */
export function createWatch({ lanes, ...options }: WatchOptions): Watch {
  const { ledger, channels, everyMs, now, log } = options;
  const { together } = ledger;
  const holder = randomUUID();
  const stopping = new AbortController();
  const notices = createNotices({
    ...options,
    together,
    wordsOf: (notice) => noticeWords(notice, { ...options.surroundings, now: now() }),
  });
  let timer: NodeJS.Timeout | undefined;
  /** When the timer ends, in monotonic milliseconds. */
  let timerAt = Number.POSITIVE_INFINITY;
  let looking: Promise<void> = Promise.resolve();
  const sending = new Map<Channel, Promise<void>>();
  let lease: Lease | null = null;
  let pausesSeen = "";
  let unsubscribe = (): void => {};
  /** `working`: lanes are at work here. `visiting`: this process only takes leads, and watches whether anybody delivers. */
  let phase: "idle" | "visiting" | "working" | "stopped" = "idle";

  /** Looks again in so long, or earlier when that was settled before. */
  function lookIn(waitMs: number): void {
    if (phase === "idle" || phase === "stopped") return;
    const at = performance.now() + waitMs;
    if (at >= timerAt) return;
    clearTimeout(timer);
    timerAt = at;
    timer = setTimeout(() => {
      timerAt = Number.POSITIVE_INFINITY;
      looking = looking.then(lookSafely);
    }, waitMs).unref();
  }

  async function lookSafely(): Promise<void> {
    if (stopping.signal.aborted) return;
    const startedAt = performance.now();
    let waitMs = everyMs;
    try {
      waitMs = Math.min(waitMs, await look());
    } catch (error) {
      log.error({ error: traceOf(error) }, "the watch could not look; trying again");
    }
    lookIn(Math.max(waitMs, (performance.now() - startedAt) / largestShare));
  }

  /** Resolves to how soon it has to look again. */
  async function look(): Promise<number> {
    if (phase === "working") await beat(heartbeatMs);
    else if (await isDelivered()) return everyMs;
    return lookWith(phase === "working" ? lanes : noLanes);
  }

  async function lookWith(atWork: ObserveOptions["lanes"]): Promise<number> {
    lease = await together.lease("watch", { holder, forMs: everyMs + leaseMarginMs });
    if (lease === null) return everyMs;
    const observed = await observe({ ...options, lanes: atWork }, now());
    pausesSeen = pausesIn(observed.destinations.flatMap(({ pause }) => pause ?? []));
    const { words, nextMs } = await together.change("alerts", bookName, (note, { now: at }) => {
      const { book, words } = follow(note ?? emptyBook, observed, at);
      const answer = { words, nextMs: nextLookIn(book) };
      return JSON.stringify(book) === JSON.stringify(note) ? { answer } : { note: book, answer };
    });
    for (const word of words) tell(word);
    for (const channel of channels) send(channel);
    return nextMs;
  }

  function follow(before: AlertBook, observed: Observed, at: number): { book: AlertBook; words: Word[] } {
    const { thresholds, overAfterMs, digest } = options;
    const known = {
      ...before,
      failing: before.failing.filter(({ channel }) => channels.some(({ id }) => id === channel)),
    };
    const holding = conditionsOf(observed, known, thresholds);
    const kept = keepBook(known, holding, { now: at, overAfterMs });
    const { period, digestAt } = digest ? dueDigest(digest, before.digestAt, at) : { period: null, digestAt: null };
    const words = [
      ...kept.words.map((word) => ({ ...word, period: null as Notice["period"] })),
      ...(period ? [{ type: "digest" as const, alerts: [], period }] : []),
    ];
    const book = {
      ...queueWords(kept.book, words, { now: at, channels }),
      digestAt,
      usualQuarantine: usualQuarantine(known, observed.quarantined, at),
    };
    return { book, words: kept.words };
  }

  /** Soon while something is about to be told or over, else as usual. */
  function nextLookIn({ open, brewing }: AlertBook): number {
    const lingers = open.some(({ goneAt }) => goneAt !== null) || brewing.length > 0;
    return lingers ? Math.min(everyMs, Math.max(options.overAfterMs, soonMs / 5)) : everyMs;
  }

  /** The log has it in any case. */
  function tell({ type, alerts }: Word): void {
    for (const { kind, subject, figures, reason } of alerts) {
      const fields = { alert: kind, subject: subject?.id ?? null, leads: figures.leads, reason };
      if (type === "over") log.info(fields, "alert over");
      else log.warn(fields, type === "opened" ? "alert" : "alert: it has got worse");
    }
  }

  /** Sends what is due in a channel, and then what becomes due. Neither looks nor other channels wait for it. */
  function send(channel: Channel): void {
    if (sending.has(channel) || stopping.signal.aborted) return;
    const work = notices
      .sendDue(channel, stopping.signal)
      .then((dueInMs) => {
        if (dueInMs !== null && dueInMs < everyMs) setTimeout(() => send(channel), Math.max(dueInMs, 50)).unref();
      })
      .catch((error) => log.error({ error: traceOf(error) }, "notices could not be sent; trying again"))
      .finally(() => sending.delete(channel));
    sending.set(channel, work);
  }

  /** Notes that somebody who delivers is at work, unless that was noted less than so long ago; then false. */
  function beat(leastMs: number): Promise<boolean> {
    return together.change("heartbeat", "worker", (note, { now: at }) =>
      note !== null && at - note.at < leastMs ? { answer: false } : { note: { at }, answer: true },
    );
  }

  /** Whether somebody who delivers was at work lately. */
  function isDelivered(): Promise<boolean> {
    return together.change("heartbeat", "worker", (note, { now: at }) => ({
      answer: note !== null && at - note.at < workerFreshMs,
    }));
  }

  /** For hosts where nothing runs between requests: looks once and waits, not for long, until people are told. */
  async function lookAfterDrain(): Promise<void> {
    if (phase === "working" || phase === "stopped" || !(await beat(everyMs))) return;
    await lookWith(lanes);
    await Promise.race([Promise.all(sending.values()), wait(longestTellMs, undefined, { ref: false })]);
    if (lease) await together.release(lease);
  }

  /** Others' acts come this way too; only pauses call for a look at once. */
  async function lookForPauses(): Promise<void> {
    const pauses = pausesIn(await ledger.pauses());
    if (pauses !== pausesSeen) lookIn(Math.min(soonMs, everyMs));
  }

  function begin(as: "visiting" | "working"): void {
    if (phase === "stopped" || phase === as || phase === "working") return;
    const isNew = phase === "idle";
    phase = as;
    if (isNew) {
      unsubscribe = ledger.onWake(() => {
        lookForPauses().catch((error) => log.error({ error: traceOf(error) }, "the pauses could not be looked at"));
      });
    }
    lookIn(Math.min(2 * soonMs, everyMs));
  }

  async function end(): Promise<void> {
    await looking;
    await Promise.all(sending.values());
    await Promise.all(channels.map((channel) => channel.close?.()));
    if (lease) await together.release(lease).catch(() => {});
  }

  return {
    start: () => begin("working"),
    visited: () => begin("visiting"),
    drained: () =>
      lookAfterDrain().catch((error) => log.error({ error: traceOf(error) }, "the watch could not look after a drain")),
    async stop() {
      phase = "stopped";
      stopping.abort();
      clearTimeout(timer);
      unsubscribe();
      const inTime = new AbortController();
      await Promise.race([end(), wait(stopGraceMs, undefined, { signal: inTime.signal }).catch(() => {})]);
      inTime.abort();
    },
  };
}

function noLanes(): null {
  return null;
}

function pausesIn(pauses: readonly { destination: string; since: number }[]): string {
  return pauses
    .map(({ destination, since }) => `${destination} ${since}`)
    .sort()
    .join("\n");
}
