import type { Ledger } from "../ledger/ledger.ts";
import type { Missing, Verification } from "../ledger/verifications.ts";
import type { Destination } from "../model/destination.ts";
import type { LeadId } from "../model/id.ts";
import { openVerdicts } from "../model/verdict.ts";
import { createLook, type LookOptions } from "./completeness-look.ts";
import { createTallies } from "./completeness-verdict.ts";
import { judgeWindow, type Window } from "./completeness-window.ts";

export type RunOptions = LookOptions & {
  ledger: Ledger;
  destinations: readonly Destination[];
  /** Epoch milliseconds. */
  now(): number;
  /** How young a delivery is not looked for yet: vendors' searches lag. @default 120_000 */
  marginMs?: number;
};

/** How a run is watched and ended. */
export type RunWatch = {
  signal: AbortSignal;
  /** Asked before anything is put on record: rejects when another machine has taken over. */
  stillMine(): Promise<void>;
  onProgress: OnProgress;
  /** Told before anything is sent again: afterwards it is not on record as missing any more. */
  beforeRepair?(run: Verification): Promise<void>;
};

/** Told as it goes: leads looked at so far, and about how many there are. */
export type OnProgress = (looked: number, expected: number) => void;

const usualMarginMs = 120_000;
/** Leads judged between two notes of how far it is; as many as the destination that reads back most at once takes. */
const smallestWindow = 1_000;
const largestWindow = 20_000;
/** So many leads are held at a time, for destinations that look at them. */
const mostLeads = 2_000;
/** Ids read at a time: few enough that intake never notices. */
const rangeSize = 1_000;
/** Progress is told every so many leads. */
const tellEvery = 500;
/** Deliveries sent again in one transaction. */
const repairSize = 500;

/** A place leads went to: configured, or known from the record only. */
type Place = { id: string; destination: Destination | null };

/**
 * Judges leads window by window, in the order they came, at all destinations at the same time, and puts on record how far it is
 * after each: broken off, it goes on from there. Its memory holds one window, however many leads there are.
 */
export function createRun(options: RunOptions) {
  const { ledger, destinations, now, marginMs = usualMarginMs } = options;
  const { verifications } = ledger;

  /** Goes on with a verification until it is complete. */
  async function proceed(
    begun: Verification,
    { signal, stillMine, onProgress, beforeRepair }: RunWatch,
  ): Promise<Verification> {
    let run = begun;

    async function keep(changed: Partial<Verification>): Promise<void> {
      signal.throwIfAborted();
      await stillMine();
      run = { ...run, ...changed };
      await verifications.save(run);
    }

    if (run.state === "reading") {
      for await (const changed of read(run, signal, onProgress)) await keep(changed);
      if (run.repair) await keep({ state: "repairing" });
    }
    if (run.state === "repairing") {
      await beforeRepair?.(run);
      for await (const sent of sendAgain(run)) {
        await keep({ counts: { ...run.counts, repaired: run.counts.repaired + sent } });
      }
    }
    await keep({ state: "complete", endedAt: now() });
    return run;
  }

  /** Judges one window after the other; what is yielded is to be put on record before it goes on. */
  async function* read(
    { destination, since, until, id, ...begun }: Verification,
    signal: AbortSignal,
    onProgress: OnProgress,
  ): AsyncGenerator<Pick<Verification, "reached" | "counts">> {
    const places = (await placesOf(destination)).map((place) => ({
      ...place,
      look: place.destination?.readBack ? createLook(place.destination, options) : null,
      withLeads: needsLeads(place),
      askSize: askSizeOf(place),
    }));
    const size = Math.max(smallestWindow, ...places.map(({ askSize }) => askSize));
    const tallies = createTallies(begun.counts.tallies);
    let { reached, counts } = begun;
    for (;;) {
      const window = await nextWindow(reached, { since, until, size });
      if (!window) return;
      const open = new Set<LeadId>();
      let [judged, never] = [0, 0];
      const { leads: before, expected } = counts;
      await together(places, signal, ({ id: place, look, askSize, withLeads }, over) =>
        judgeWindow(window, {
          verifications,
          run: { id, since, until },
          destination: place,
          look: look?.look ?? null,
          askSize,
          withLeads,
          now,
          marginMs,
          signal: over,
          report(one, lead) {
            tallies.add(place, one);
            if (openVerdicts.has(one.verdict)) open.add(lead);
            if (one.verdict === "never") never += 1;
            judged += 1;
            if (judged % tellEvery === 0) onProgress(before + Math.floor(judged / places.length), expected);
          },
        }),
      );
      const leads = window.leads - (destination === null ? 0 : never);
      reached = window.upTo;
      counts = {
        ...counts,
        leads: before + leads,
        accounted: counts.accounted + leads - open.size,
        tallies: tallies.list(),
      };
      yield { reached, counts };
      onProgress(counts.leads, expected);
      for (const { look } of places) look?.tryAgain();
    }
  }

  /** Sends what a verification has found missing again, some at a time; yields how many. */
  async function* sendAgain({ id: run, by: actor }: Verification): AsyncGenerator<number> {
    for (let after: Missing | undefined; ; ) {
      const page = await verifications.missing({ run, limit: repairSize, ...(after ? { after } : {}) });
      after = page.at(-1);
      if (!after) return;
      const ids = page.map(({ deliveryId }) => deliveryId);
      yield (await ledger.redeliver(ids, { now: now(), actor })).redelivered.length;
    }
  }

  async function nextWindow(
    reached: LeadId | null,
    { size, ...received }: { since: number | null; until: number; size: number },
  ): Promise<(Window & { leads: number }) | null> {
    let [upTo, leads] = [reached, 0];
    for (let left = size; left > 0; left -= rangeSize) {
      const range = await verifications.nextRange(upTo, { ...received, size: Math.min(rangeSize, left) });
      if (!range) break;
      upTo = range.upTo;
      leads += range.leads;
    }
    return upTo === null || upTo === reached ? null : { after: reached, upTo, leads };
  }

  /** One destination, or all: those the record knows and nobody configures any more too. */
  async function placesOf(id: string | null): Promise<Place[]> {
    const known = (await ledger.counts()).map(({ destination }) => destination);
    const ids = id === null ? [...new Set([...destinations.map((one) => one.id), ...known])] : [id];
    return ids.map((id) => ({ id, destination: destinations.find((one) => one.id === id) ?? null }));
  }

  return { proceed };
}

function needsLeads({ destination }: Place): boolean {
  return destination?.readBack ? !destination.readBackById : false;
}

function askSizeOf(place: Place): number {
  const most = needsLeads(place) ? mostLeads : largestWindow;
  return place.destination?.readBack ? Math.min(Math.max(1, place.destination.readBackSize), most) : 1;
}

/** Does it for all at once. When one fails the others are ended, and have ended when it rejects. */
async function together<Item>(
  items: readonly Item[],
  signal: AbortSignal,
  work: (item: Item, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  const ends = await Promise.allSettled(
    items.map((item) =>
      work(item, either).catch((error) => {
        failed.abort(error);
        throw error;
      }),
    ),
  );
  for (const end of ends) if (end.status === "rejected") throw failed.signal.reason;
}
