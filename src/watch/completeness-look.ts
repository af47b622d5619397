import type { Delivered, Destination, Presence } from "../model/destination.ts";
import type { DeliveryId } from "../model/id.ts";
import type { Reason } from "../model/outcome.ts";

export type LookOptions = {
  /** Asks once. */
  readBack(
    destination: Destination,
    deliveries: readonly Delivered[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<DeliveryId, Presence>>;
  /** Resolves when deliveries leave room for it, after a while in any case. */
  stepAside(destination: string, signal: AbortSignal): Promise<void>;
  /** Rejects when aborted. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
};

/** Waits before a destination that told nothing at all is asked again. */
const waitsMs = [1_000, 5_000, 20_000] as const;
/** Where it told something, what it did not tell is asked for once more. */
const secondLookMs = 1_000;
/** So often it may ask for time, and not longer than this at once: a limit of the day is not waited for. */
const mostWaits = 6;
const longestWaitMs = 600_000;
/**
 * After so many looks in a row that told nothing, of so many deliveries, it is taken to be down, and the rest of a window is not
 * asked for. Of both: where they are asked for one by one, a few odd ones say nothing of the others.
 */
const mostFailures = 3;
const fewestUntold = 10;

/**
 * Looks for deliveries at one destination with patience: waits when told to, asks again when it got no answer, and gives up when
 * there is none to be had. What could not be told stays `unknown`, with the reason.
 */
export function createLook(destination: Destination, { readBack, stepAside, wait }: LookOptions) {
  let failures = 0;
  let untold = 0;
  let givenUp: Reason | null = null;

  async function look(
    deliveries: readonly Delivered[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<DeliveryId, Presence>> {
    const answers = new Map<DeliveryId, Presence>();
    let open = deliveries;
    for (let tries = 0; open.length > 0 && givenUp === null; tries++) {
      await stepAside(destination.id, signal);
      const answered = await readBack(destination, open, signal);
      for (const { deliveryId } of open) answers.set(deliveryId, answered.get(deliveryId) ?? noAnswer);
      const asked = open.length;
      open = open.filter(({ deliveryId }) => answers.get(deliveryId)?.type === "unknown");
      const pause = pauseAfter(tries, open, asked, answers);
      if (pause === null) break;
      await wait(pause, signal);
    }
    learn(deliveries, open, answers);
    const reason = givenUp;
    return reason === null
      ? answers
      : new Map(
          deliveries.map(({ deliveryId }) => [deliveryId, answers.get(deliveryId) ?? { type: "unknown", reason }]),
        );
  }

  function learn(
    asked: readonly Delivered[],
    open: readonly Delivered[],
    answers: ReadonlyMap<DeliveryId, Presence>,
  ): void {
    if (givenUp !== null || asked.length === 0) return;
    const toldNothing = open.length === asked.length;
    failures = toldNothing ? failures + 1 : 0;
    untold = toldNothing ? untold + open.length : 0;
    const [last] = open.flatMap(({ deliveryId }) => answers.get(deliveryId) ?? []);
    const isTooLong = last?.type === "unknown" && (last.waitMs ?? 0) > longestWaitMs;
    const isDown = failures >= mostFailures && untold >= fewestUntold;
    if (last?.type === "unknown" && (isDown || isTooLong)) givenUp = last.reason;
  }

  return {
    look,
    /** Gives a destination that was given up one more chance. */
    tryAgain(): void {
      if (givenUp !== null) failures = mostFailures - 1;
      givenUp = null;
    },
  };
}

export type Look = ReturnType<typeof createLook>["look"];

const noAnswer: Presence = {
  type: "unknown",
  reason: { code: "no_verdict", message: "it gave no answer for this one" },
};

/** How long to wait before what is open is asked for again; null: not any more. */
function pauseAfter(
  tries: number,
  open: readonly Delivered[],
  asked: number,
  answers: ReadonlyMap<DeliveryId, Presence>,
): number | null {
  if (open.length === 0) return null;
  let told: number | null = null;
  for (const { deliveryId } of open) {
    const answer = answers.get(deliveryId);
    if (answer?.type === "unknown" && answer.waitMs !== undefined) told = Math.max(told ?? 0, answer.waitMs);
  }
  if (told !== null) return tries < mostWaits && told <= longestWaitMs ? Math.max(told, secondLookMs) : null;
  if (open.length === asked && tries === 0) return waitsMs[0];
  if (open.length < asked) return tries === 0 ? secondLookMs : null;
  return waitsMs[tries] ?? null;
}
