import type { Ledger, StatusMark } from "../ledger/ledger.ts";
import type { Destination, StatusRecord } from "../model/destination.ts";
import { traceOf } from "../model/log.ts";
import { NetworkError } from "../model/network-error.ts";
import { type Outcome, outcome as outcomeSchema, type Reason } from "../model/outcome.ts";
import type { AttemptContext } from "./attempt.ts";
import { startAttemptClock } from "./attempt-clock.ts";
import { pacedFetch } from "./paced-fetch.ts";

export type StatusSyncContext = Pick<AttemptContext, "fetch" | "pacer" | "stillMine" | "now" | "log"> & {
  ledger: Ledger;
  monotonic(): number;
};

/** Waits after statuses could not be told, doubled while it goes on. */
const shortestWaitMs = 1_000;
const longestWaitMs = 300_000;

/** When a lane's destination is to be told statuses. */
export function createStatusSync(destination: Destination, context: StatusSyncContext) {
  const { monotonic, log } = context;
  /** Whether there may be statuses this destination shows and has not been told. */
  let untold = destination.sync !== null;
  let at = 0;
  let failures = 0;

  return {
    /** Statuses it shows have changed. */
    changed(): void {
      untold = true;
    },
    /** At most 0 when there is something to tell now; infinite when there is nothing. */
    dueInMs: (): number => (untold ? at - monotonic() : Number.POSITIVE_INFINITY),
    /** Tells what there is. Resolves to the reason when the destination takes nothing until someone acts. */
    async tell(): Promise<Reason | null> {
      untold = false;
      const result = await syncStatus(destination, context);
      if (result === null) return null;
      untold = true;
      if (result.type === "delivered") {
        failures = 0;
        return null;
      }
      failures += 1;
      at = monotonic() + Math.min(shortestWaitMs * 2 ** failures, longestWaitMs);
      log.warn(
        { destination: destination.id, reason: result.reason },
        "statuses could not be shown there; trying again",
      );
      return result.type === "blocked" ? result.reason : null;
    },
  };
}

/**
 * Tells a destination how leads it holds fared elsewhere, and forgets the marks of those it was told. Every failure leaves
 * the marks, since telling it again is harmless. Null when there was nothing to tell.
 */
async function syncStatus(destination: Destination, context: StatusSyncContext): Promise<Outcome | null> {
  const { ledger } = context;
  const marks = await ledger.statusMarks(destination.id, destination.syncBatchSize);
  if (marks.length === 0 || !destination.sync) return null;
  const result = await tell(destination, marks, context);
  if (result.type === "delivered") {
    await ledger.clearStatusMarks(
      destination.id,
      marks.map(({ record, mark }) => ({ leadId: record.lead.id, mark })),
    );
  }
  return result;
}

async function tell(
  destination: Destination,
  marks: readonly StatusMark[],
  { fetch, pacer, stillMine = null, now, log }: StatusSyncContext,
): Promise<Outcome> {
  const timeout = new AbortController();
  const { signal } = timeout;
  const clock = startAttemptClock(destination.timeoutMs, () => timeout.abort());
  const paced = pacedFetch({ fetch, pacer, stillMine, clock, signal }, () => {});
  const records = marks.map((mark) => statusOf(mark, destination.id));
  const correctPace = (remaining: number): void => pacer?.correct(remaining);
  const outOfTime = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(new NetworkError("timed_out", "no answer in time", true)), {
      once: true,
    });
  });
  try {
    const work = destination.sync?.(records, { fetch: paced, signal, now, correctPace });
    return outcomeSchema.parse(await Promise.race([work, outOfTime]));
  } catch (error) {
    if (error instanceof NetworkError) return { type: "retry", reason: { code: error.code, message: error.message } };
    log.error({ destination: destination.id, error: traceOf(error) }, "the destination's code failed");
    return { type: "retry", reason: { code: "bug", message: "the destination's code failed" } };
  } finally {
    clock.stop();
  }
}

function statusOf({ record }: StatusMark, own: string): StatusRecord {
  const deliveries = record.deliveries
    .filter(({ destination, event }) => destination !== own && event === "lead.created")
    .map(({ id, destination, kind, state, attempts, reason, ref, dueAt, history }) => ({
      id,
      destination,
      kind,
      state,
      attempts,
      reason,
      ref,
      lastAttemptAt: history.at(-1)?.startedAt ?? null,
      nextAttemptAt: dueAt,
    }));
  return { lead: record.lead, deliveries };
}
