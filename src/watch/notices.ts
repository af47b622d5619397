import type { Next } from "../ledger/ledger.ts";
import type { Together } from "../ledger/together.ts";
import { emptyBook } from "../model/alert.ts";
import { type Log, traceOf } from "../model/log.ts";
import { NetworkError, outcomeOfNetworkError } from "../model/network-error.ts";
import type { Outcome } from "../model/outcome.ts";
import type { Schedule } from "../model/schedule.ts";
import type { Channel } from "./channels/channel.ts";
import { type Due, type NextSending, noticeSchedule, settleSending, type Taken, takeDue } from "./notice-queue.ts";
import type { NoticeWords } from "./notice-words.ts";

/** The pure function deliveries are settled by. */
export type Settle = (
  outcome: Outcome,
  context: {
    delivery: { tries: number; firstTryAt: number | null };
    schedule: Schedule;
    uncertain: boolean;
    now: number;
    random: number;
  },
) => Next;

export type NoticesOptions = {
  together: Together;
  settle: Settle;
  wordsOf(notice: Taken["notice"]): NoticeWords;
  random(): number;
  log: Log;
};

/** Whoever takes a notice has it this long beyond the attempt's time-out. */
const leaseMarginMs = 15_000;

/** The one note everything of the watch is in. */
export const bookName = "gateway";

/**
 * Sends what is queued, as deliveries are: taken on before it is tried, settled by the same function, tried again on a schedule.
 * A notice arrives at least once, and a repeat has the same id.
 */
export function createNotices({ together, settle, wordsOf, random, log }: NoticesOptions) {
  /**
   * Tries everything that is due in a channel, one after the other; resolves to how long until more is, null when nothing waits.
   * Rejects when the ledger cannot be used.
   */
  async function sendDue(channel: Channel, stopping: AbortSignal): Promise<number | null> {
    const leaseMs = channel.timeoutMs + leaseMarginMs;
    while (!stopping.aborted) {
      const next = await together.change<"alerts", Due>("alerts", bookName, (note, { now }) => {
        const answer = takeDue(note ?? emptyBook, { now, leaseMs, channel: channel.id });
        return answer.book ? { note: answer.book, answer } : { answer };
      });
      if (!next.book) return next.dueInMs;
      await send(channel, next.taken, stopping);
    }
    return null;
  }

  async function send(channel: Channel, taken: Taken, stopping: AbortSignal): Promise<void> {
    const outcome = await attempt(channel, taken, stopping);
    const chance = random();
    await together.change("alerts", bookName, (note, { now }) => {
      const next = nextOf(settle(outcome, contextOf(taken, outcome, now, chance)));
      return { note: settleSending(note ?? emptyBook, taken, { outcome, next, now, channel }), answer: undefined };
    });
    const fields = { notice: taken.notice.id, channel: channel.id };
    if (outcome.type === "delivered") log.info(fields, "notice sent");
    else log.warn({ ...fields, reason: outcome.reason }, "the notice could not be sent; the console shows it");
  }

  async function attempt(channel: Channel, { notice }: Taken, stopping: AbortSignal): Promise<Outcome> {
    const signal = AbortSignal.any([stopping, AbortSignal.timeout(channel.timeoutMs)]);
    try {
      return await Promise.race([channel.send(notice, wordsOf(notice), signal), outOfTime(signal)]);
    } catch (error) {
      if (error instanceof NetworkError) return outcomeOfNetworkError(error);
      log.error({ channel: channel.id, error: traceOf(error) }, "the channel's code failed");
      return { type: "retry", reason: { code: "bug", message: "the channel's code failed" } };
    }
  }

  return { sendDue };
}

/** After the signal, well-behaved code gets this long to say what it knows. */
const graceMs = 100;

function outOfTime(signal: AbortSignal): Promise<Outcome> {
  const outcome: Outcome = { type: "uncertain", reason: { code: "timed_out", message: "no answer in time" } };
  return new Promise((resolve) => {
    const end = (): void => void setTimeout(() => resolve(outcome), graceMs).unref();
    if (signal.aborted) end();
    else signal.addEventListener("abort", end, { once: true });
  });
}

function contextOf({ sending }: Taken, outcome: Outcome, now: number, random: number): Parameters<Settle>[1] {
  const { tries, firstTryAt, uncertain } = sending;
  return {
    delivery: { tries, firstTryAt: firstTryAt ?? now },
    schedule: noticeSchedule,
    uncertain: uncertain || outcome.type === "uncertain",
    now,
    random,
  };
}

function nextOf(next: Next): NextSending {
  return next.state === "pending" ? { dueAt: next.dueAt, tries: next.tries, uncertain: next.uncertain } : null;
}
