import { setTimeout as sleep } from "node:timers/promises";
import type { Delivered, Destination, Fetch, Pace, Presence } from "../model/destination.ts";
import type { DeliveryId } from "../model/id.ts";
import { type Log, traceOf } from "../model/log.ts";
import { NetworkError } from "../model/network-error.ts";
import type { Reason } from "../model/outcome.ts";
import type { GuardedFetch } from "./guarded-fetch.ts";
import { createPacer, type Pacer } from "./pace.ts";

/** Asks a destination once whether deliveries are there; one answer each. Rejects only when `signal` is aborted. */
export type ReadBack = (
  destination: Destination,
  deliveries: readonly Delivered[],
  signal: AbortSignal,
) => Promise<ReadonlyMap<DeliveryId, Presence>>;

export type ReadBackOptions = {
  fetch: GuardedFetch;
  /** The pace its requests have to keep to; null when there is none. */
  pacerOf(destination: Destination): Pacer | null;
  now(): number;
  log: Log;
};

/** An answer may be long (a sheet's column), and nobody waits for it. */
const requestMs = 60_000;
/** Code that hangs without a request. */
const longestMs = 900_000;
/** How soon a token is looked for again. */
const lookAgainMs = 50;

/**
 * Reading back gives way to deliveries: it queues for no token of the destination's pace, and takes one only while half of the
 * burst is left for them.
 */
export function createReadBack({ fetch, pacerOf, now, log }: ReadBackOptions): ReadBack {
  return async (destination, deliveries, signal) => {
    const pacer = pacerOf(destination);
    const reserve = destination.pace ? half(destination.pace) : 1;
    const requestLimit = Math.max(destination.timeoutMs, requestMs);
    const call = limited(signal, longestMs);
    const paced: Fetch = async (url, init) => {
      if (pacer) await spareTurn(pacer, reserve, call.signal);
      const request = limited(call.signal, requestLimit);
      const both = init?.signal ? AbortSignal.any([request.signal, init.signal]) : request.signal;
      return fetch(url, { ...init, signal: both }, () => {}).finally(request.end);
    };
    const correctPace = (remaining: number): void => pacer?.correct(remaining);
    try {
      const asked = destination.readBack?.(deliveries, { fetch: paced, signal: call.signal, now, correctPace });
      const answers = await Promise.race([asked, aborted(call.signal)]);
      return new Map(deliveries.map(({ deliveryId }) => [deliveryId, answers?.get(deliveryId) ?? noAnswer]));
    } catch (error) {
      signal.throwIfAborted();
      const reason = reasonOf(error);
      if (reason.code === "bug")
        log.error({ destination: destination.id, error: traceOf(error) }, "the destination's code failed");
      return new Map(deliveries.map(({ deliveryId }) => [deliveryId, { type: "unknown", reason }]));
    } finally {
      call.end();
    }
  };
}

/** A pacer for a program that shares a destination with a gateway it cannot ask: a quarter of the pace. */
export function createCarefulPacer({ limit, intervalMs }: Pace, monotonic: () => number): Pacer {
  return createPacer({ limit: Math.max(1, Math.floor(limit / 4)), intervalMs, burst: 1 }, monotonic);
}

const noAnswer: Presence = {
  type: "unknown",
  reason: { code: "no_verdict", message: "it gave no answer for this one" },
};

/** Aborted with its parent, or after `ms`; `end` leaves nothing behind. */
function limited(parent: AbortSignal, ms: number): { signal: AbortSignal; end(): void } {
  const own = new AbortController();
  const abort = (): void => own.abort(parent.reason);
  const timer = setTimeout(() => own.abort(), ms);
  if (parent.aborted) abort();
  parent.addEventListener("abort", abort, { once: true });
  return {
    signal: own.signal,
    end(): void {
      clearTimeout(timer);
      parent.removeEventListener("abort", abort);
    },
  };
}

async function spareTurn(pacer: Pacer, reserve: number, signal: AbortSignal): Promise<void> {
  while ((await pacer.available()) < reserve) await sleep(lookAgainMs, undefined, { signal });
  await pacer.take(signal);
}

function half({ limit, burst = Math.floor(limit / 10) }: Pace): number {
  return Math.max(1, Math.floor(Math.min(burst, limit) / 2));
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const refuse = (): void => reject(new NetworkError("timed_out", "no answer in time", true));
    if (signal.aborted) refuse();
    else signal.addEventListener("abort", refuse, { once: true });
  });
}

function reasonOf(error: unknown): Reason {
  if (error instanceof NetworkError) return { code: error.code, message: error.message };
  return { code: "bug", message: "the destination's code failed" };
}
