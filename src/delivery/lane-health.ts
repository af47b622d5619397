import type { Notes } from "../ledger/together.ts";
import { longestWaitMs } from "../model/schedule.ts";
import { afterFailure, closedBreaker } from "./breaker.ts";

/**
 * What holds the lanes of a destination back, whichever machine found it out. Pure; times are milliseconds by one clock.
 * `breaker`: see breaker.ts. `holdUntil`, `holds`: the destination said "too many requests", so many times in a row.
 * `blocked`: the probes made of a paused destination, and when the next may go. `probe`: who is probing now; one at a time.
 */
export type LaneHealth = Notes["health"];

/** Waits between probes of a blocked destination; the last one repeats. */
const probeWaitsMs = [30_000, 60_000, 120_000, 300_000, 900_000];
/** Waits after "too many requests" without a Retry-After, doubled while it goes on. */
const shortestHoldMs = 1_000;
const longestHoldMs = 60_000;

const neverBlocked = { probes: 0, probeAt: 0 };
export const fullHealth: LaneHealth = {
  breaker: closedBreaker,
  holdUntil: 0,
  holds: 0,
  blocked: neverBlocked,
  probe: null,
};

/** True while the destination is taken to be down. */
export function isOpen({ breaker }: LaneHealth): boolean {
  return breaker.probeAt !== null;
}

/** When `who` may next let something out; `probing`: only as a probe. */
export function mayGoAt(
  { breaker, holdUntil, blocked, probe }: LaneHealth,
  { who, isPaused, now }: { who: string; isPaused: boolean; now: number },
): { at: number; probing: boolean } {
  const probing = isPaused || breaker.probeAt !== null;
  const others = probing && probe !== null && probe.by !== who && probe.until > now ? probe.until : 0;
  return { at: Math.max(holdUntil, isPaused ? blocked.probeAt : 0, breaker.probeAt ?? 0, others), probing };
}

/** The right to probe taken by `who`, unless it may not go now. A prober that is gone loses it after `forMs`. */
export function probeBegun(
  health: LaneHealth,
  { forMs, ...request }: { who: string; isPaused: boolean; now: number; forMs: number },
): LaneHealth {
  const { who, now } = request;
  return mayGoAt(health, request).at > now ? health : { ...health, probe: { by: who, until: now + forMs } };
}

/** There was nothing to probe with, or it is over. */
export function probeEnded(health: LaneHealth, who: string): LaneHealth {
  return health.probe?.by === who ? { ...health, probe: null } : health;
}

/** A destination found blocked, or a probe of one gone out: the next one only after a while. */
export function probePutOff(health: LaneHealth, now: number): LaneHealth {
  const { probes, probeAt } = health.blocked;
  // Attempts that were under way elsewhere when it was found out say nothing new.
  if (probeAt > now) return health;
  const waitMs = probeWaitsMs[Math.min(probes, probeWaitsMs.length - 1)] ?? 0;
  return { ...health, blocked: { probes: probes + 1, probeAt: now + waitMs } };
}

/** The pause was ended: what comes next needs no waiting. */
export function unblocked(health: LaneHealth): LaneHealth {
  return health.blocked.probes === 0 ? health : { ...health, blocked: neverBlocked };
}

/** The destination said "too many requests", and how long to wait or not. */
export function heldBack(health: LaneHealth, waitMs: number | undefined, now: number): LaneHealth {
  const own = Math.min(shortestHoldMs * 2 ** health.holds, longestHoldMs);
  const holdUntil = Math.max(health.holdUntil, now + Math.min(waitMs ?? own, longestWaitMs));
  return { ...health, holdUntil, holds: health.holds + 1 };
}

/** An attempt by `who` failed with the destination at fault. */
export function failed(health: LaneHealth, deliveryId: string, { who, now }: { who: string; now: number }): LaneHealth {
  const { probe, breaker } = health;
  // What was under way elsewhere when it opened is no failed probe.
  if (isOpen(health) && probe !== null && probe.by !== who && probe.until > now) return health;
  return { ...health, breaker: afterFailure(breaker, deliveryId, now) };
}

/** The destination answered: it is neither down nor blocked. */
export function answered(health: LaneHealth): LaneHealth {
  return isFull(health) ? health : { ...fullHealth, holdUntil: health.holdUntil };
}

/** True when an answer would say nothing new. */
function isFull({ breaker, holds, blocked, probe }: LaneHealth): boolean {
  return breaker.failures === 0 && holds === 0 && blocked.probes === 0 && probe === null;
}
