import type { Lease, Together } from "../ledger/together.ts";
import { NetworkError } from "../model/network-error.ts";

/** Why a request was not made: the machine's turn at the lane was over. Says nothing of the destination. */
export const turnLost = "turn_lost";

/** Asked before each request of an attempt; rejects when another machine has had the turn since the attempt began. */
export type StillMine = () => Promise<void>;

export type Turn = {
  /** Takes the turn, or keeps it. False while another machine has it. */
  take(): Promise<boolean>;
  stillMine: StillMine;
  /** Lets others have it at once. */
  leave(): Promise<void>;
};

/**
 * One machine's turn at a lane that has one writer. Each request made in it asks the store first and prolongs it, so a machine
 * that was frozen writes nothing after another has taken over; what was on the wire by then is what `forMs` has to outlast.
 */
export function createTurn(
  together: Together,
  lane: string,
  { holder, forMs }: { holder: string; forMs: number },
): Turn {
  const role = `lane:${lane}`;
  let lease: Lease | null = null;
  const ask = (): Promise<Lease | null> => together.lease(role, { holder, forMs });

  return {
    async take() {
      lease = await ask();
      return lease !== null;
    },
    async stillMine() {
      const mine = lease;
      const held = await ask().catch(() => null);
      if (mine === null || held?.n !== mine.n) {
        throw new NetworkError(turnLost, "another machine has taken over, or the ledger could not be asked", false);
      }
    },
    async leave() {
      const mine = lease;
      lease = null;
      if (mine) await together.release(mine);
    },
  };
}
