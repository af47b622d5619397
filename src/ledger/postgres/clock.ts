/** Machines that are apart by less are left alone: leases and waits bear it, and what it takes to ask is in the measure. */
const toleratedMs = 1_000;
/** For how long a measure is believed. */
const trustedMs = 60_000;
/** By how much the two clocks of this machine may disagree before one of them was set, or the machine slept. */
const setMs = 250;

export type ClockOptions = {
  /** This machine's clock, in epoch milliseconds. */
  now(): number;
  /** Milliseconds that only go forward. */
  monotonic(): number;
  /** Asks the database for its time, in epoch milliseconds. */
  ask(): Promise<number>;
};

/**
 * How far the database's clock is ahead of this machine's, in milliseconds; less than zero when it is behind, and zero when the two
 * agree to the second. Leases and due times are kept by the database's, so that all machines mean the same by them.
 */
export function createClock({ now, monotonic, ask }: ClockOptions) {
  let measured = { ahead: 0, at: Number.NEGATIVE_INFINITY, wall: 0 };
  let measuring: Promise<void> | null = null;

  function isTrusted(): boolean {
    const since = monotonic() - measured.at;
    return since < trustedMs && Math.abs(now() - measured.wall - since) < setMs;
  }

  async function measure(): Promise<void> {
    const [at, wall] = [monotonic(), now()];
    const there = await ask();
    const took = monotonic() - at;
    const ahead = Math.round(there - (wall + took / 2));
    // The answer was given at any moment of the time it took.
    measured = { at, wall, ahead: Math.abs(ahead) <= Math.max(toleratedMs, took) ? 0 : ahead };
  }

  return {
    /** @throws {LedgerUnavailable} when it has to be measured and cannot be */
    async ahead(): Promise<number> {
      if (isTrusted()) return measured.ahead;
      measuring ??= measure().finally(() => {
        measuring = null;
      });
      await measuring;
      return measured.ahead;
    },
  };
}

export type Clock = ReturnType<typeof createClock>;
