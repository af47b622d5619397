import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { useNotify } from "../components/notify.tsx";
import { destinationsQuery } from "./queries.ts";
import type { DestinationSummary } from "./types.ts";

export type Counts = DestinationSummary["counts"];

/** Deliveries that a person has set going again in bulk at one destination. */
export type Drain = {
  destination: string;
  /** How many; while `queueing`, how many it is going to be. */
  total: number;
  /** `queueing`: the gateway is still making them pending. `done`: none of them waits any more; `standing` is how it ended. */
  phase: "queueing" | "sending" | "done";
  /** The destination's counts before, without those of them that counted as delivered. */
  before: Counts;
  /** Dead letters of the destination that are none of these; null while that is not known yet. */
  deadLeft: number | null;
  standing: Standing | null;
};

/** How far a drain has got. The four together are its total. `other`: withheld or stopped meanwhile, or no lead but word of one. */
export type Standing = { waiting: number; delivered: number; dead: number; other: number };

/** Reads a drain's progress off its destination's counts. Leads that arrive meanwhile blur it a little, never past the total. */
export function standingOf({ total, before, deadLeft }: Drain, now: Counts): Standing {
  const arrived = now.delivered - before.delivered;
  if (deadLeft === null) {
    const delivered = within(arrived, total);
    return { waiting: total - delivered, delivered, dead: 0, other: 0 };
  }
  const waiting = Math.min(total, now.pending + now.claimed);
  const delivered = within(arrived, total - waiting);
  const dead = within(now.dead - deadLeft, total - waiting - delivered);
  return { waiting, delivered, dead, other: total - waiting - delivered - dead };
}

function within(count: number, most: number): number {
  return Math.min(Math.max(count, 0), most);
}

// One list for the whole console: a drain is watched on from whatever page one goes to.
let drains: readonly Drain[] = [];
const listeners = new Set<() => void>();

function change(next: readonly Drain[]): void {
  drains = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** What is being sent in bulk, at one destination or at all. */
export function useDrains(destination?: string): readonly Drain[] {
  const all = useSyncExternalStore(subscribe, () => drains);
  return destination === undefined ? all : all.filter((drain) => drain.destination === destination);
}

/** Puts a drain away; its deliveries go on. */
export function forgetDrain(destination: string): void {
  change(drains.filter((drain) => drain.destination !== destination));
}

/** Notes how a drain ended, so that what happens later at its destination does not change it. */
export function finishDrain(destination: string, standing: Standing): void {
  change(drains.map((drain) => (drain.destination === destination ? { ...drain, phase: "done", standing } : drain)));
}

export type Bulk = {
  /** How many at which destinations; `delivered`: how many of them count as delivered until they are set going. */
  parts: readonly { destination: string; total: number; delivered?: number }[];
  /** Whether all of them are dead letters, which therefore leave that count. */
  ofDead: boolean;
  /** Sets them going; resolves to how many there were after all. */
  start(): Promise<number>;
};

/** Sets deliveries going in bulk and watches them; a failure is told at the page's edge. */
export function useDrain(): (bulk: Bulk) => Promise<void> {
  const queries = useQueryClient();
  const notify = useNotify();
  return async ({ parts, ofDead, start }) => {
    const concerned = new Set(parts.map(({ destination }) => destination));
    const others = (): Drain[] => drains.filter(({ destination }) => !concerned.has(destination));
    try {
      const before = await countsNow(queries);
      const begun = parts.map(
        ({ destination, total }): Drain => ({
          destination,
          total,
          phase: "queueing",
          before: before(destination),
          deadLeft: null,
          standing: null,
        }),
      );
      change([...others(), ...begun]);
      const count = await start();
      const after = await countsNow(queries);
      const sent = parts.map(({ destination, total, delivered = 0 }): Drain => {
        const counted = parts.length === 1 ? count : total;
        const were = before(destination);
        const left = { ...were, delivered: were.delivered - Math.min(delivered, counted) };
        return sending({ destination, total: counted, before: left }, ofDead, after(destination));
      });
      change([...others(), ...sent]);
    } catch (error) {
      change(others());
      notify.failed(error);
    }
  };
}

/** A resync takes dead letters along, nobody knows how many: what is dead right after it was left alone, as far as it was dead before. */
function sending(
  { destination, total, before }: Pick<Drain, "destination" | "total" | "before">,
  ofDead: boolean,
  after: Counts,
): Drain {
  const deadLeft = ofDead ? Math.max(0, before.dead - total) : Math.min(before.dead, after.dead);
  return { destination, total, before, phase: "sending", deadLeft, standing: null };
}

async function countsNow(queries: QueryClient): Promise<(destination: string) => Counts> {
  const all = await queries.fetchQuery({ ...destinationsQuery, staleTime: 0 });
  const none: Counts = { pending: 0, claimed: 0, delivered: 0, dead: 0, withheld: 0, cancelled: 0 };
  return (destination) => all.find(({ id }) => id === destination)?.counts ?? none;
}
