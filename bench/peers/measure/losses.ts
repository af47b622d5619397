import { randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { submission } from "../../support/a-submission.ts";
import { type Candidate, type Place, type Started, startCandidate } from "./candidates.ts";
import type { Mood, Sink } from "./sink.ts";

/** What became of the submissions that were answered 2xx, after a `kill -9` under load and a start anew. */
export type Losses = {
  /** Answered 2xx. */
  thanked: number;
  /** Of those, never taken by the destination. */
  lost: number;
  /** Of those, taken more than once. */
  twice: number;
  /** Of those, taken more than once under different ids, so that no receiver can tell. */
  twiceUntold: number;
};

/** What the destination does around the kill, from a second before it to a second after the start: it is fine, or it is not. */
export const troubles = ["fine", "failing", "silent"] as const satisfies readonly Mood[];
export type Trouble = (typeof troubles)[number];

/** So many have been thanked before the trouble begins, before the kill, and in the end. */
const thankedBefore = { trouble: 50, kill: 150, end: 300 };
/** Trouble lasts so long before the kill at least, and so long after the candidate answers again. */
const troubleMs = 1_000;
/** Longest wait for a number to be reached: who does not thank while the destination is down, or is slow, may not. */
const longestPhaseMs = 15_000;
const connections = 16;
/** Each waits so long between two posts: some 300 a second in all, twice of what the destination takes. */
const betweenPostsMs = 50;
/** When nothing comes for so long, what is missing is lost: leases, time-outs and the longest wait of a schedule are over by then. */
const patienceMs = 45_000;
/** When all have come, so long for those that come once more. */
const quietMs = 20_000;

/** Has visitors post without a pause, kills the candidate in the middle, starts it again, and waits for what still comes. */
export async function lossesOf(candidate: Candidate, place: Place, sink: Sink, trouble: Trouble): Promise<Losses> {
  let running: Started = await startCandidate(candidate, place);
  const { url } = running;
  const thanked = new Set<string>();
  let posting = true;
  const visitors = Array.from({ length: connections }, async () => {
    while (posting) {
      await post(url, thanked);
      await wait(betweenPostsMs);
    }
  });
  try {
    await untilThanked(thanked, thankedBefore.trouble);
    sink.mood = trouble;
    await Promise.all([wait(troubleMs), untilThanked(thanked, thankedBefore.kill)]);
    await running.kill();
    running = await startCandidate(candidate, place);
    await wait(troubleMs);
    sink.mood = "fine";
    await untilThanked(thanked, thankedBefore.end);
    posting = false;
    await Promise.all(visitors);
    await untilNothingComes(thanked, sink);
  } finally {
    posting = false;
    await running.kill();
  }
  const arrivals = [...thanked].map((id) => sink.arrivals.get(id));
  return {
    thanked: thanked.size,
    lost: arrivals.filter((arrival) => !arrival).length,
    twice: arrivals.filter((arrival) => arrival && arrival.times > 1).length,
    twiceUntold: arrivals.filter((arrival) => arrival && arrival.ids.size > 1).length,
  };
}

async function untilThanked(thanked: ReadonlySet<string>, count: number): Promise<void> {
  const end = performance.now() + longestPhaseMs;
  while (thanked.size < count && performance.now() < end) await wait(10);
}

async function post(url: string, thanked: Set<string>): Promise<void> {
  const id = randomUUID();
  const body = JSON.stringify({ ...submission, email: `ada-${id}@example.com`, submission_id: id });
  const headers = { "content-type": "application/json" };
  try {
    const response = await fetch(url, { method: "POST", headers, body, signal: AbortSignal.timeout(15_000) });
    await response.arrayBuffer();
    if (response.ok) thanked.add(id);
  } catch {
    // Nobody was thanked.
  }
}

async function untilNothingComes(thanked: ReadonlySet<string>, sink: Sink): Promise<void> {
  const since = performance.now();
  for (;;) {
    const quiet = performance.now() - Math.max(since, sink.lastAt);
    const isComplete = [...thanked].every((id) => sink.arrivals.has(id));
    if (quiet > (isComplete ? quietMs : patienceMs)) return;
    await wait(250);
  }
}
