import { statfs } from "node:fs/promises";
import type { Ledger } from "../ledger/ledger.ts";
import type { Observed, ObservedDestination } from "./conditions.ts";

/** What a lane in this process knows of its destination. */
export type LaneStatus = { id: string; open: boolean; failures: number };

export type ObserveOptions = {
  ledger: Ledger;
  /** Ids of the destinations that are configured. */
  destinations: readonly string[];
  /** The lanes at work in this process; null where none is. */
  lanes(): readonly LaneStatus[] | null;
  /** A folder on the disk that is watched; null: none is. */
  dataFolder: string | null;
  /** Forms that are silent; null when that is not known. */
  silent(now: number): Promise<Observed["silent"]>;
  /** Delivered leads that were found missing; null when that is not known. */
  missing?(): Promise<Observed["missing"]>;
};

/** Looks at everything alerts are made from. None of it reads what is delivered. */
export async function observe(options: ObserveOptions, now: number): Promise<Observed> {
  const { ledger, dataFolder } = options;
  const [destinations, deadLetters, { quarantined }, disk, silent, missing, workerAt] = await Promise.all([
    observeDestinations(options),
    ledger.deadLetters(),
    ledger.leadCounts(),
    dataFolder === null ? null : diskOf(dataFolder),
    options.silent(now),
    options.missing?.() ?? null,
    ledger.together.change("heartbeat", "worker", (note) => ({ answer: note?.at ?? null })),
  ]);
  return { now, destinations, deadLetters, quarantined, disk, silent, missing, workerAt };
}

async function observeDestinations({ ledger, destinations, lanes }: ObserveOptions): Promise<ObservedDestination[]> {
  const [counts, pauses] = await Promise.all([ledger.counts(), ledger.pauses()]);
  const atWork = new Map(lanes()?.map((lane) => [lane.id, lane]));
  const configured = new Set(destinations);
  const ids = new Set([...destinations, ...counts.map(({ destination }) => destination)]);
  return [...ids].map((id) => {
    const counted = counts.find(({ destination }) => destination === id);
    const lane = atWork.get(id);
    return {
      id,
      configured: configured.has(id),
      pause: pauses.find(({ destination }) => destination === id) ?? null,
      lane: lane ? { open: lane.open, failures: lane.failures } : null,
      waiting: (counted?.counts.pending ?? 0) + (counted?.counts.claimed ?? 0),
      oldestWaiting: counted?.oldestWaiting ?? null,
      lastDeliveredAt: counted?.lastDeliveredAt ?? null,
    };
  });
}

async function diskOf(folder: string): Promise<Observed["disk"]> {
  try {
    const { bavail, blocks, bsize } = await statfs(folder);
    return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
  } catch {
    return null;
  }
}
