import type { Fetch } from "../model/destination.ts";
import { NetworkError } from "../model/network-error.ts";
import { rateLimited } from "../model/outcome.ts";
import type { AttemptClock } from "./attempt-clock.ts";
import type { GuardedFetch } from "./guarded-fetch.ts";
import type { Pacer } from "./pace.ts";
import type { StillMine } from "./turn.ts";

/** What a destination's `fetch` goes through: the network, its pace, the time it has, and the lane's turn where it has one. */
export type Way = {
  fetch: GuardedFetch;
  pacer: Pacer | null;
  stillMine: StillMine | null;
  clock: AttemptClock;
  signal: AbortSignal;
};

/** `fetch` as destinations get it: each request waits for its turn, off the clock. `sent`: its first byte is about to leave. */
export function pacedFetch({ fetch, pacer, stillMine, clock, signal }: Way, sent: () => void): Fetch {
  return async (url, init) => {
    if (pacer) await clock.without(pacer.take(signal)).catch(noTurn);
    if (stillMine) await clock.without(stillMine());
    return fetch(url, { ...init, signal: init?.signal ?? signal }, sent);
  };
}

/** Our own pace is a limit like the destination's: waiting for it costs no try. */
function noTurn(): never {
  throw new NetworkError(rateLimited, "the destination's pace left no turn in time", false);
}
